/** The request mirror as an exec chain handler of Apache HttpClient 5. */
@org.jspecify.annotations.NullMarked
// Named after the client, whose name ends with a digit and which has no module descriptor.
@SuppressWarnings({"module", "requires-transitive-automatic"})
module io.github.requestmirror.httpclient5 {
  requires static org.jspecify;
  requires transitive io.github.requestmirror;
  requires transitive org.apache.httpcomponents.client5.httpclient5;
  requires transitive org.apache.httpcomponents.core5.httpcore5;
  // HttpClient uses these but, as an automatic module, cannot require them.
  requires org.apache.httpcomponents.core5.httpcore5.h2;
  requires jdk.net;

  exports io.github.requestmirror.httpclient5;
}
