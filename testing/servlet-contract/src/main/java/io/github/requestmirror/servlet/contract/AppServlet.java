package io.github.requestmirror.servlet.contract;

import jakarta.servlet.Servlet;
import jakarta.servlet.ServletConfig;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Runs the application of the current test. */
final class AppServlet implements Servlet {
  /** A path that the servlet responds to itself, to test whether a connection is still usable. */
  static final String PROBE = "/probe";

  private @Nullable ServletConfig config;
  volatile App app;

  AppServlet(App app) {
    this.app = app;
  }

  @Override
  public void init(ServletConfig config) {
    this.config = config;
  }

  @Override
  public @Nullable ServletConfig getServletConfig() {
    return config;
  }

  @Override
  public void service(ServletRequest request, ServletResponse response)
      throws ServletException, IOException {
    HttpServletRequest httpRequest = (HttpServletRequest) request;
    if (httpRequest.getRequestURI().equals(PROBE)) {
      response.setContentLength(5);
      response.getOutputStream().print("alive");
    } else {
      app.handle(httpRequest, (HttpServletResponse) response);
    }
  }

  @Override
  public String getServletInfo() {
    return "the application of a test";
  }

  @Override
  public void destroy() {}
}
