package io.github.requestmirror.gateway.prometheus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Prometheus writes through the gateway to two others. */
class PrometheusIT {
  @BeforeAll
  static void requirePrometheus() {
    Prometheus.require();
  }

  @Test
  void primaryAndSecondaryHoldTheSameSamples(@TempDir Path dir) {
    try (Exporter exporter = new Exporter(500);
        Prometheus primary = Prometheus.receiver(dir.resolve("primary"));
        Prometheus secondary = Prometheus.receiver(dir.resolve("secondary"));
        GatewayJar gateway = new GatewayJar(dir, primary.uri(""), secondary.uri(""))) {
      try (Prometheus sender =
          Prometheus.sender(dir.resolve("sender"), exporter.port(), gateway.port(), 4, 100)) {
        await()
            .atMost(Duration.ofMinutes(1))
            .until(() -> sender.metric("prometheus_remote_storage_samples_total") > 7_500);
        assertThat(sender.metric("prometheus_remote_storage_samples_failed_total")).isZero();
        assertThat(sender.metric("prometheus_remote_storage_samples_retried_total")).isZero();
      }
      gateway.awaitSettled();

      Map<String, Map<String, String>> atPrimary = primary.samples();
      Map<String, Map<String, String>> atSecondary = secondary.samples();
      assertThat(Prometheus.count(atPrimary)).isGreaterThan(7_000);
      assertThat(Prometheus.missing(atPrimary, atSecondary)).isEmpty();
      assertThat(atSecondary).isEqualTo(atPrimary);

      JsonNode stats = gateway.stats();
      assertThat(stats.path("responded").asLong()).isEqualTo(stats.path("offered").asLong());
      assertThat(stats.path("outcomes").path("ACCEPTED").asLong())
          .isEqualTo(stats.path("offered").asLong());
    }
  }
}
