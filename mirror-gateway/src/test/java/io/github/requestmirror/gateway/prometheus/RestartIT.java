package io.github.requestmirror.gateway.prometheus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The secondary is killed and started again while samples arrive; retries bridge that. */
@Tag("matrix")
class RestartIT {
  private static final int SERIES = 600;

  @BeforeAll
  static void requirePrometheus() {
    Prometheus.require();
  }

  @Test
  void restartOfTheSecondary_losesNoSample(@TempDir Path dir) {
    try (Exporter exporter = new Exporter(SERIES);
        Prometheus primary = Prometheus.receiver(dir.resolve("primary"));
        Prometheus secondary = Prometheus.receiver(dir.resolve("secondary"));
        GatewayJar gateway =
            new GatewayJar(
                dir,
                primary.uri(""),
                secondary.uri(""),
                "--max-retries=100",
                "--max-queue-time=1m")) {
      try (Prometheus sender =
          Prometheus.sender(dir.resolve("sender"), exporter.port(), gateway.port(), 4, 100)) {
        awaitScrapes(sender, 5);
        secondary.kill();
        awaitScrapes(sender, 10);
        try (Prometheus restarted = secondary.startAgain()) {
          awaitScrapes(sender, 20);
          sender.stop();
          gateway.awaitSettled();
          Map<String, Map<String, String>> atPrimary = primary.samples();
          assertThat(Prometheus.count(atPrimary)).isGreaterThan(15 * SERIES);
          assertThat(Prometheus.missing(atPrimary, restarted.samples()))
              .as("samples missing at the secondary; %s", gateway.stats())
              .isEmpty();
        }
      }
    }
  }

  private static void awaitScrapes(Prometheus sender, int count) {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> sender.metric("prometheus_remote_storage_samples_total") >= count * SERIES);
  }
}
