package io.github.requestmirror.spring.boot;

import jakarta.servlet.http.HttpServletRequest;

/** Requests that the filter does not offer to the mirror. */
interface UnmirroredRequests {
  boolean contains(HttpServletRequest request);
}
