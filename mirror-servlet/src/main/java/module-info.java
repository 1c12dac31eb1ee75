/** The request mirror as a servlet filter. */
@org.jspecify.annotations.NullMarked
module io.github.requestmirror.servlet {
  requires static org.jspecify;
  requires transitive io.github.requestmirror;
  requires transitive jakarta.servlet;

  exports io.github.requestmirror.servlet;
}
