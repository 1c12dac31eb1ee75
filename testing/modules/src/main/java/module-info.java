/** A module as a user's is: it names the mirror's modules and nothing of what they stand on. */
module io.github.requestmirror.consumer {
  requires static org.jspecify;
  requires io.github.requestmirror.servlet;
  requires io.github.requestmirror.httpclient5;
}
