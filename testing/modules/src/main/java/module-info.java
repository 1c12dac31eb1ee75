/** A user's module: it requires the mirror's modules and none of their dependencies. */
module io.github.requestmirror.consumer {
  requires static org.jspecify;
  requires io.github.requestmirror.servlet;
  requires io.github.requestmirror.httpclient5;
}
