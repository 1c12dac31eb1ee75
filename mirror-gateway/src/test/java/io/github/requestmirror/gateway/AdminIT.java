package io.github.requestmirror.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.requestmirror.testing.RawClient;
import io.github.requestmirror.testing.TestTarget;
import java.net.http.HttpResponse;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdminIT {
  private static final int ACCEPTED = 7;
  private static TestTarget primary;
  private static TestTarget secondary;
  private static GatewayProcess gateway;

  @BeforeAll
  static void start() throws Exception {
    primary = new TestTarget();
    secondary = new TestTarget();
    gateway = GatewayProcess.start(primary.uri(), secondary.uri(), "--max-body-bytes=10");
    try (RawClient client = gateway.connect()) {
      for (int i = 0; i < ACCEPTED; i++) {
        client.exchange(new byte[i], "POST /p HTTP/1.1", "Host: h", "Content-Length: " + i);
      }
      client.exchange(new byte[11], "POST /p HTTP/1.1", "Host: h", "Content-Length: 11");
      client.exchange(new byte[0], "POST /ingester/shutdown HTTP/1.1", "Host: h");
    }
    await().untilAsserted(() -> assertThat(gateway.stats().at("/pending").asLong()).isZero());
  }

  @AfterAll
  static void stop() throws Exception {
    gateway.close();
    primary.close();
    secondary.close();
  }

  @Test
  void stats_outcomesSumToOffered() throws Exception {
    JsonNode stats = gateway.stats();

    assertThat(stats.at("/name").asText()).isEqualTo("127.0.0.1:" + secondary.port());
    assertThat(stats.at("/offered").asLong()).isEqualTo(ACCEPTED + 2);
    assertThat(stats.at("/responded").asLong()).isEqualTo(ACCEPTED);
    assertThat(stats.at("/skipped").asLong()).isEqualTo(2);
    assertThat(stats.at("/failed").asLong() + stats.at("/dropped").asLong()).isZero();
    assertThat(stats.at("/outcomes/ACCEPTED").asLong()).isEqualTo(ACCEPTED);
    assertThat(stats.at("/outcomes/BODY_TOO_LARGE").asLong()).isEqualTo(1);
    assertThat(stats.at("/outcomes/DENIED").asLong()).isEqualTo(1);
    assertThat(stats.at("/queued").asLong()).isZero();
    assertThat(stats.at("/inFlight").asLong()).isZero();
    assertThat(stats.at("/retries").asLong(-1)).isZero();
    assertThat(stats.at("/bufferedBytes").asLong()).isZero();
    assertThat(stats.at("/up").asBoolean()).isTrue();
    long sum = 0;
    for (JsonNode count : stats.at("/outcomes")) {
      sum += count.asLong();
    }
    assertThat(sum).isEqualTo(ACCEPTED + 2);
  }

  @Test
  void metrics_matchStats() throws Exception {
    HttpResponse<String> metrics = gateway.admin("GET", "/metrics");

    assertThat(metrics.statusCode()).isEqualTo(200);
    assertThat(metrics.headers().firstValue("Content-Type").orElse("")).startsWith("text/plain");
    String target = "target=\"127.0.0.1:" + secondary.port() + "\"";
    assertThat(metrics.body())
        .contains(
            "http_mirror_requests_total{kind=\"responded\",outcome=\"accepted\","
                + target
                + "} "
                + ACCEPTED,
            "http_mirror_requests_total{kind=\"skipped\",outcome=\"denied\"," + target + "} 1",
            "http_mirror_pending{" + target + "} 0",
            "http_mirror_queued{" + target + "} 0",
            "http_mirror_retries_total{" + target + "} 0.0",
            "http_mirror_reencoded_total{" + target + "} 0.0",
            "http_mirror_in_flight{" + target + "} 0",
            "http_mirror_buffered_bytes{" + target + "} 0",
            "http_mirror_up{" + target + "} 1",
            "http_mirror_offered_total{" + target + "} " + (ACCEPTED + 2),
            "http_gateway_requests_seconds_count{source=\"primary\",status=\"2xx\"} "
                + (ACCEPTED + 2),
            "jvm_memory_used_bytes{",
            "jvm_threads_live_threads ",
            "jvm_gc_");
    Matcher counts =
        Pattern.compile("^http_mirror_requests_total\\{.*} (\\S+)$", Pattern.MULTILINE)
            .matcher(metrics.body());
    double sum = 0;
    while (counts.find()) {
      sum += Double.parseDouble(counts.group(1));
    }
    assertThat(sum).isEqualTo(ACCEPTED + 2);
  }

  @Test
  void ready() throws Exception {
    HttpResponse<String> ready = gateway.admin("GET", "/ready");

    assertThat(ready.statusCode()).isEqualTo(200);
    assertThat(ready.body()).isEqualTo("ready\n");
    assertThat(gateway.admin("HEAD", "/ready").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/nothing", "/ready/x", "/quitquitquit"})
  void unknownPath_404(String path) throws Exception {
    assertThat(gateway.admin("GET", path).statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE"})
  void unsupportedMethod_405(String method) throws Exception {
    HttpResponse<String> response = gateway.admin(method, "/stats");

    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(response.headers().firstValue("Allow")).hasValue("GET, HEAD");
  }
}
