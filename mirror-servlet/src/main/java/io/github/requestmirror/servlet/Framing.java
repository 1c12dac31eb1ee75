package io.github.requestmirror.servlet;

import jakarta.servlet.http.HttpServletRequest;

/**
 * What the headers say about a request's body, before any of it is read.
 *
 * <p>An HTTP/1 request without {@code Content-Length} and {@code Transfer-Encoding} has no body
 * (RFC 9112, 6.3). This holds only for the headers received on the connection: a filter or handler
 * that decompresses a body removes its length. Therefore this class also reads the headers of the
 * container's own request, below the wrappers of other filters, and the headers that Jetty and
 * Undertow leave when they decompress below the servlet API.
 *
 * @param declared the Content-Length that the filter sees, in bytes, or -1
 * @param isEmpty whether the container's request has no body
 * @param isEmptyFromTheStart whether the copy can be completed before the application reads
 * @param isEmptyUnlessRead whether the body is empty if the application has not read anything when
 *     the request ends
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

  /** An HTTP/2 request without a length may have a body, but usually not with these methods. */
  private static boolean isUsuallyEmpty(String method) {
    return switch (method) {
      case "GET", "HEAD", "OPTIONS", "TRACE", "DELETE" -> true;
      default -> false;
    };
  }
}
