package io.github.requestmirror.gateway.prometheus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RawClient;
import io.github.requestmirror.testing.TestTarget;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Grafana sends queries with POST. Mirrored queries that are slow at the secondary must not delay
 * the writes of the same tenant until they expire.
 */
@Tag("matrix")
class SlowQueriesIT {
  private static final Duration QUERY_TIME = Duration.ofSeconds(5);
  private static final int QUERIES = 20;
  private static final byte[] QUERY = "query=count(%7B__name__%3D~%22.%2B%22%7D)".getBytes(UTF_8);

  @BeforeAll
  static void requirePrometheus() {
    Prometheus.require();
  }

  @Test
  void slowQueriesWithPost_loseNoSample(@TempDir Path dir) throws Exception {
    try (Exporter exporter = new Exporter(600);
        Prometheus primary = Prometheus.receiver(dir.resolve("primary"));
        Prometheus secondary = Prometheus.receiver(dir.resolve("secondary"));
        TestTarget slowSecondary =
            new TestTarget().behave(slowQueries(OrderScenario.forward(secondary.port())));
        GatewayJar gateway =
            new GatewayJar(dir, primary.uri(""), slowSecondary.uri(), "--match=all")) {
      try (Prometheus sender =
              Prometheus.sender(dir.resolve("sender"), exporter.port(), gateway.port(), 4, 500);
          RawClient grafana = new RawClient(gateway.port())) {
        for (int i = 0; i < QUERIES; i++) {
          query(grafana);
          long scrapes = i;
          await()
              .atMost(Duration.ofSeconds(30))
              .until(
                  () -> sender.metric("prometheus_remote_storage_samples_total") >= scrapes * 600);
        }
      }
      gateway.awaitSettled();

      JsonNode outcomes = gateway.stats().path("outcomes");
      assertThat(outcomes.path("EXPIRED").asLong()).as("expired of %s", outcomes).isZero();
      Map<String, Map<String, String>> atPrimary = primary.samples();
      assertThat(Prometheus.count(atPrimary)).isPositive();
      assertThat(Prometheus.missing(atPrimary, secondary.samples()))
          .as("samples missing at the secondary")
          .isEmpty();
    }
  }

  private static void query(RawClient grafana) throws Exception {
    HttpMessage response =
        grafana.exchange(
            QUERY,
            "POST /api/v1/query HTTP/1.1",
            "Host: gateway",
            "Content-Type: application/x-www-form-urlencoded",
            "Content-Length: " + QUERY.length);
    assertThat(response.status()).isEqualTo(200);
  }

  private static TestTarget.Behaviour slowQueries(TestTarget.Behaviour others) {
    return (request, out) -> {
      if (request.requestTarget().equals("/api/v1/query")) {
        TimeUnit.NANOSECONDS.sleep(QUERY_TIME.toNanos());
        TestTarget.status(200).handle(request, out);
      } else {
        others.handle(request, out);
      }
    };
  }
}
