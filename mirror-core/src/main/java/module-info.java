/**
 * The request mirror: sends fire-and-forget copies of HTTP requests to other servers.
 *
 * <p>The public API is {@link io.github.requestmirror}, and {@link
 * io.github.requestmirror.settings} for settings in the form of text. The packages below {@code
 * internal} are one for each step of a request: policy, capture, ordering, dispatch, send,
 * accounting; and remotewrite, which reads bodies for the order.
 */
@org.jspecify.annotations.NullMarked
module io.github.requestmirror {
  requires static java.management;
  requires static org.jspecify;
  requires org.slf4j;
  requires org.apache.httpcomponents.core5.httpcore5;

  exports io.github.requestmirror;
  exports io.github.requestmirror.settings;
}
