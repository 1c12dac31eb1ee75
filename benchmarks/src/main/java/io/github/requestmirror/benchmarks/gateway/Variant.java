package io.github.requestmirror.benchmarks.gateway;

/** What is compared. */
enum Variant {
  JETTY("Jetty", null),
  JETTY_WITH_MIRROR("Jetty + mirror", JETTY),
  JETTY_WITH_OLDER_MIRROR("Jetty + mirror before", JETTY),
  NGINX("nginx", null),
  NGINX_WITH_MIRROR("nginx + mirror", NGINX);

  private final String label;
  private final Variant withoutMirror;

  Variant(String label, Variant withoutMirror) {
    this.label = label;
    this.withoutMirror = withoutMirror;
  }

  String label() {
    return label;
  }

  /** Returns whether a {@link BenchmarkGateway} runs, which can be asked for its counters. */
  boolean isJvm() {
    return this == JETTY || withoutMirror == JETTY;
  }

  boolean hasMirror() {
    return withoutMirror != null;
  }

  /** Returns the same gateway without a mirror. */
  Variant withoutMirror() {
    return withoutMirror;
  }
}
