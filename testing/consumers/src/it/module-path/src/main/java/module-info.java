/** A user's module: requires the mirror's modules and none of their build-time dependencies. */
module example.gateway {
  requires io.github.requestmirror.servlet;
  requires io.github.requestmirror.okhttp;
  requires io.github.requestmirror.httpclient5;
  requires jdk.httpserver;
}
