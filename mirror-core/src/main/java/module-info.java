/**
 * The request mirror: policy, capture, order, dispatch and accounting of fire-and-forget copies of
 * HTTP requests.
 *
 * <p>Only {@link io.github.requestmirror} is for users. The packages below {@code internal} follow
 * the way of a request: decide, capture, order, dispatch, send, account.
 */
@org.jspecify.annotations.NullMarked
module io.github.requestmirror {
  requires static org.jspecify;
  requires org.slf4j;
  requires org.apache.httpcomponents.client5.httpclient5;
  requires org.apache.httpcomponents.core5.httpcore5;
  requires org.apache.httpcomponents.core5.httpcore5.h2;
  // HttpCore looks for it when it opens a socket, and is no module that could say so.
  requires jdk.net;

  exports io.github.requestmirror;
}
