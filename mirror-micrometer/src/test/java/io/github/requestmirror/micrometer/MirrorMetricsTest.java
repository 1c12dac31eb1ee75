package io.github.requestmirror.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Cortex;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.Heads;
import io.github.requestmirror.testing.TestTarget;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class MirrorMetricsTest {
  @RegisterExtension final Conservation conservation = new Conservation();

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  private Mirror boundMirror(TestTarget target) {
    Mirror mirror =
        conservation.watch(
            Mirror.start(
                MirrorTarget.builder(target.uri()).name("secondary").build(),
                Cortex.writes().build()));
    new MirrorMetrics(mirror).bindTo(registry);
    return mirror;
  }

  private double requests(Outcome outcome) {
    return registry
        .get("http.mirror.requests")
        .tag("target", "secondary")
        .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
        .tag("kind", outcome.kind().name().toLowerCase(Locale.ROOT))
        .functionCounter()
        .count();
  }

  private double gauge(String name) {
    return registry.get("http.mirror." + name).tag("target", "secondary").gauge().value();
  }

  @Test
  void metersShowTheStatistics() {
    try (TestTarget target = new TestTarget()) {
      Mirror mirror = boundMirror(target);

      mirror.capture(Heads.head("POST", "/api/v1/push")).complete();
      mirror.capture(Heads.head("GET", "/ready"));
      Conservation.awaitSettled(mirror);

      assertThat(requests(Outcome.ACCEPTED)).isEqualTo(1);
      assertThat(requests(Outcome.NOT_MATCHED)).isEqualTo(1);
      assertThat(
              registry.find("http.mirror.requests").functionCounters().stream()
                  .mapToDouble(FunctionCounter::count)
                  .sum())
          .as("offered")
          .isEqualTo(2);
      assertThat(gauge("pending")).isZero();
      assertThat(gauge("queued")).isZero();
      assertThat(gauge("in.flight")).isZero();
      assertThat(gauge("buffered")).isZero();
      assertThat(gauge("up")).isEqualTo(1);
    }
  }

  @Test
  void everyOutcomeHasItsCounter() {
    try (TestTarget target = new TestTarget()) {
      boundMirror(target);

      for (Outcome outcome : Outcome.values()) {
        assertThat(requests(outcome)).as("%s", outcome).isZero();
      }
    }
  }
}
