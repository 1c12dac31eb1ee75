/** The request mirror as an exec chain handler of Apache HttpClient 5. */
@org.jspecify.annotations.NullMarked
// The client is called so, and has no descriptor of its own.
@SuppressWarnings({"module", "requires-transitive-automatic"})
module io.github.requestmirror.httpclient5 {
  requires static org.jspecify;
  requires transitive io.github.requestmirror;
  requires transitive org.apache.httpcomponents.client5.httpclient5;
  requires transitive org.apache.httpcomponents.core5.httpcore5;

  exports io.github.requestmirror.httpclient5;
}
