package io.github.requestmirror.benchmarks.gateway;

import java.util.List;

/** A gateway that is compared. */
enum Variant {
  JETTY("jetty", "Jetty", null, 0, "none"),
  FILTER("filter", "Jetty + filter", JETTY, 1, "filter"),
  BEFORE("before", "Jetty + filter before", JETTY, 1, "filter"),
  NAIVE("naive", "Jetty + naive filter", JETTY, 1, "naive"),
  TARGETS_2("targets-2", "Jetty + filter, 2 targets", JETTY, 2, "filter"),
  TARGETS_3("targets-3", "Jetty + filter, 3 targets", JETTY, 3, "filter"),
  TARGETS_4("targets-4", "Jetty + filter, 4 targets", JETTY, 4, "filter"),
  GATEWAY("gateway", "mirror-gateway, disabled", null, 0, "gateway-disabled"),
  GATEWAY_MIRROR("gateway-mirror", "mirror-gateway", GATEWAY, 1, "gateway"),
  NGINX("nginx", "nginx", null, 0, null),
  NGINX_MIRROR("nginx-mirror", "nginx + mirror", NGINX, 1, null),
  ENVOY("envoy", "Envoy", null, 0, null),
  ENVOY_MIRROR("envoy-mirror", "Envoy + mirror", ENVOY, 1, null),
  ENVOY_JETTY("envoy-jetty", "Envoy + mirror, then Jetty", JETTY, 1, "none");

  private final String option;
  private final String label;
  private final Variant withoutMirror;
  private final int copies;
  private final String kind;

  Variant(String option, String label, Variant withoutMirror, int copies, String kind) {
    this.option = option;
    this.label = label;
    this.withoutMirror = withoutMirror;
    this.copies = copies;
    this.kind = kind;
  }

  static Variant of(String option) {
    for (Variant variant : values()) {
      if (variant.option.equals(option)) {
        return variant;
      }
    }
    throw new IllegalArgumentException(
        "variant '"
            + option
            + "' is unknown, must be one of "
            + List.of(values()).stream().map(variant -> variant.option).toList());
  }

  /** Returns the name on the command line and in file names. */
  String option() {
    return option;
  }

  String label() {
    return label;
  }

  /** Returns whether a {@link BenchmarkGateway} runs, which can be asked for its counters. */
  boolean isJvm() {
    return kind != null;
  }

  /** Returns the kind of {@link BenchmarkGateway}. */
  String kind() {
    return kind;
  }

  boolean hasEnvoy() {
    return this == ENVOY || this == ENVOY_MIRROR || this == ENVOY_JETTY;
  }

  boolean hasNginx() {
    return this == NGINX || this == NGINX_MIRROR;
  }

  boolean hasMirror() {
    return withoutMirror != null;
  }

  /** Returns the number of copies of each request. */
  int copies() {
    return copies;
  }

  /** Returns the same gateway without a mirror, or null. */
  Variant withoutMirror() {
    return withoutMirror;
  }
}
