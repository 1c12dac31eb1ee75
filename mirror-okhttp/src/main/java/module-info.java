/** The request mirror as an OkHttp interceptor. */
@org.jspecify.annotations.NullMarked
@SuppressWarnings("requires-transitive-automatic") // OkHttp 4 is one; OkHttp 5 is not.
module io.github.requestmirror.okhttp {
  requires static org.jspecify;
  requires transitive io.github.requestmirror;
  requires transitive okhttp3;
  requires okio;

  exports io.github.requestmirror.okhttp;
}
