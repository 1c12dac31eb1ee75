/** The statistics of a mirror as Micrometer meters. */
@org.jspecify.annotations.NullMarked
@SuppressWarnings("requires-transitive-automatic")
module io.github.requestmirror.micrometer {
  requires static org.jspecify;
  requires transitive io.github.requestmirror;
  requires transitive micrometer.core;

  exports io.github.requestmirror.micrometer;
}
