package io.github.requestmirror.examples.snippets;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.micrometer.MirrorMetrics;
import io.micrometer.core.instrument.MeterRegistry;

final class MetricsSnippet {
  private MetricsSnippet() {}

  static void register(Mirror mirror, MeterRegistry registry) {
    new MirrorMetrics(mirror).bindTo(registry);
  }
}
