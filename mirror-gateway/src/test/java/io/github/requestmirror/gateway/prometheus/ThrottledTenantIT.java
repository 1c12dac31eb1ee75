package io.github.requestmirror.gateway.prometheus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RawClient;
import io.github.requestmirror.testing.TestTarget;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A secondary 100 ms away throttles everything that one tenant sends. The other tenant loses no
 * sample, and the backlog does not grow.
 */
@Tag("matrix")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class ThrottledTenantIT {
  private static final int SERIES = 4000;
  private static final int SCRAPES = 110;
  private static final String TENANT = "X-Scope-OrgID";
  private static final byte[] THROTTLED =
      "HTTP/1.1 429 Limit\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"
          .getBytes(StandardCharsets.US_ASCII);

  @BeforeAll
  static void requirePrometheus() {
    Prometheus.require();
  }

  @Test
  void theOtherTenant_losesNoSample(@TempDir Path dir) throws Exception {
    try (Exporter well = new Exporter(SERIES);
        Exporter limited = new Exporter(SERIES);
        Prometheus primary = Prometheus.receiver(dir.resolve("primary"));
        Prometheus secondary = Prometheus.receiver(dir.resolve("secondary"));
        TestTarget secondaryDoor =
            new TestTarget().behave(throttling(OrderScenario.forward(secondary.port())));
        GatewayJar gateway =
            new GatewayJar(dir, primary.uri(""), secondaryDoor.uri(), "--max-retries=3");
        TestTarget wellDoor = new TestTarget().behave(withTenant("well", gateway.port()));
        TestTarget limitedDoor = new TestTarget().behave(withTenant("limited", gateway.port()))) {
      try (Prometheus wellSender =
              Prometheus.sender(dir.resolve("well"), well.port(), wellDoor.port(), 1, 500);
          Prometheus limitedSender =
              Prometheus.sender(
                  dir.resolve("limited"), limited.port(), limitedDoor.port(), 1, 500)) {
        assertThat(limitedSender.port()).isPositive();
        await()
            .atMost(Duration.ofSeconds(2 * SCRAPES))
            .until(
                () ->
                    wellSender.metric("prometheus_remote_storage_samples_total")
                        >= SCRAPES * SERIES);
      }
      gateway.awaitSettled();

      JsonNode stats = gateway.stats();
      String instance = "127.0.0.1:" + well.port();
      Map<String, Map<String, String>> atPrimary = ofInstance(primary, instance);
      assertThat(Prometheus.count(atPrimary)).isGreaterThanOrEqualTo(SCRAPES * SERIES);
      assertThat(Prometheus.missing(atPrimary, ofInstance(secondary, instance)))
          .as("samples missing at the secondary; %s", stats)
          .isEmpty();
      assertThat(stats.path("outcomes").path("THROTTLED").asLong()).isPositive();
      System.out.println("throttled tenant: " + stats);
    }
  }

  private static Map<String, Map<String, String>> ofInstance(
      Prometheus prometheus, String instance) {
    Map<String, Map<String, String>> samples = new TreeMap<>(prometheus.samples());
    samples.keySet().removeIf(series -> !series.contains(instance));
    return samples;
  }

  /** Debian's Prometheus sends no configured headers, so this stands between it and the gateway. */
  private static TestTarget.Behaviour withTenant(String tenant, int port) {
    return (request, out) -> {
      List<String> head = new ArrayList<>(List.of(request.startLine()));
      head.addAll(request.headerLines());
      head.add(TENANT + ": " + tenant);
      try (RawClient client = new RawClient(port)) {
        HttpMessage response = client.exchange(request.body(), head.toArray(String[]::new));
        out.write(response.head());
        out.write(response.body());
        out.flush();
      }
    };
  }

  private static TestTarget.Behaviour throttling(TestTarget.Behaviour others) {
    return (request, out) -> {
      TimeUnit.MILLISECONDS.sleep(100);
      if ("limited".equals(request.header(TENANT))) {
        out.write(THROTTLED);
        out.flush();
      } else {
        others.handle(request, out);
      }
    };
  }
}
