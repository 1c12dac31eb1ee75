package io.github.requestmirror.servlet.contract;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** What the application of a test does with a request. */
@FunctionalInterface
interface App {
  void handle(HttpServletRequest request, HttpServletResponse response)
      throws IOException, ServletException;
}
