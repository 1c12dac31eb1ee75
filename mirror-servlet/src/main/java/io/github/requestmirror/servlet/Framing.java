package io.github.requestmirror.servlet;

import jakarta.servlet.http.HttpServletRequest;

/**
 * What the headers say about a request's body, before any of it is read.
 *
 * <p>An HTTP/1 request without {@code Content-Length} and {@code Transfer-Encoding} has no body
 * (RFC 9112, 6.3). That is true on the connection only: a filter or a handler that decompresses a
 * body removes its length. So this also looks at the container's own request, past the wrappers of
 * other filters, and at the headers that Jetty and Undertow leave when they decompress below the
 * servlet API.
 *
 * @param declared the Content-Length that the filter sees, or -1
 * @param isEmpty whether the container's request has no body
 * @param isEmptyFromTheStart whether the copy can be completed before the application reads
 * @param isEmptyUnlessRead whether the copy has an empty body if the application reads nothing
 *     until the request ends
 */
record Framing(
    long declared, boolean isEmpty, boolean isEmptyFromTheStart, boolean isEmptyUnlessRead) {

  static Framing of(HttpServletRequest request) {
    long declared = request.getContentLengthLong();
    if (mayHaveBody(request)
        || !(RequestWrappers.innermost(request) instanceof HttpServletRequest container)
        || mayHaveBody(container)) {
      return new Framing(declared, false, false, false);
    }
    boolean http1 = request.getProtocol().startsWith("HTTP/1");
    boolean usual = isUsuallyEmpty(request.getMethod());
    boolean isEmpty = declared == 0 || http1;
    return new Framing(declared, isEmpty, declared == 0 || (http1 && usual), isEmpty || usual);
  }

  private static boolean mayHaveBody(HttpServletRequest request) {
    return request.getContentLengthLong() > 0
        || request.getHeader("Transfer-Encoding") != null
        || request.getHeader("X-Content-Length") != null
        || request.getHeader("X-Content-Encoding") != null;
  }

  /** Over HTTP/2 a request without a length may have a body, but not usually with these methods. */
  private static boolean isUsuallyEmpty(String method) {
    return switch (method) {
      case "GET", "HEAD", "OPTIONS", "TRACE", "DELETE" -> true;
      default -> false;
    };
  }
}
