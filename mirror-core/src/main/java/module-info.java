/**
 * The request mirror: sends fire-and-forget copies of HTTP requests to other servers.
 *
 * <p>The public API is {@link io.github.requestmirror}. The packages below {@code internal} are one
 * for each step of a request: policy, capture, ordering, dispatch, send, accounting.
 */
@org.jspecify.annotations.NullMarked
module io.github.requestmirror {
  requires static org.jspecify;
  requires org.slf4j;
  requires org.apache.httpcomponents.client5.httpclient5;
  requires org.apache.httpcomponents.core5.httpcore5;
  requires org.apache.httpcomponents.core5.httpcore5.h2;
  // HttpCore uses it for socket options but, as an automatic module, cannot require it.
  requires jdk.net;

  exports io.github.requestmirror;
}
