package io.github.requestmirror.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.LogGuard;
import io.github.requestmirror.testing.RawClient;
import io.github.requestmirror.testing.TestTarget;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a scrape of the gateway shows. */
class MetricsTest {
  private static final String TENANT = "X-Scope-OrgID: ";
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @RegisterExtension final LogGuard log = new LogGuard();
  @RegisterExtension final Conservation conservation = new Conservation();
  private final TestTarget primary = new TestTarget();
  private final TestTarget secondary = new TestTarget();
  private Gateway gateway;

  @BeforeEach
  void start() {
    gateway =
        Gateway.start(
            GatewayOptions.parse(
                "--bind=127.0.0.1",
                "--listen=0",
                "--admin=0",
                "--match=all",
                "--max-body-bytes=1000",
                "--call-timeout=300ms",
                "--max-queue-time=1s",
                "--buffer-bytes=64KiB",
                "--max-in-flight=2",
                "--losses-by-scope=5",
                "--primary=" + primary.uri(),
                "--target=" + secondary.uri()));
    conservation.watch(gateway.mirror());
  }

  @AfterEach
  void stop() {
    secondary.close();
    gateway.close();
    primary.close();
  }

  private HttpMessage post(RawClient client, int bytes, String... headers) throws IOException {
    List<String> head =
        new ArrayList<>(List.of("POST /p HTTP/1.1", "Host: h", "Content-Length: " + bytes));
    head.addAll(List.of(headers));
    return client.exchange(new byte[bytes], head.toArray(String[]::new));
  }

  private String scrape() throws IOException {
    try (RawClient admin = new RawClient(gateway.adminPort())) {
      return GatewayInProcess.text(admin.exchange(new byte[0], "GET /metrics HTTP/1.1", "Host: h"));
    }
  }

  private static double sum(String scrape, String metric, Predicate<String> labels) {
    return Pattern.compile("^" + metric + "(?:\\{(.*)})? (\\S+)$", Pattern.MULTILINE)
        .matcher(scrape)
        .results()
        .filter((MatchResult line) -> labels.test(line.group(1)))
        .mapToDouble(line -> Double.parseDouble(line.group(2)))
        .sum();
  }

  private static double sum(String scrape, String metric, String label) {
    return sum(scrape, metric, labels -> labels.contains(label));
  }

  private static void assertAddsUp(String scrape) {
    double offered = sum(scrape, "http_mirror_offered_total", labels -> true);
    double ended = sum(scrape, "http_mirror_requests_total", labels -> true);
    double pending = sum(scrape, "http_mirror_pending", labels -> true);
    assertThat(ended + pending).as("outcomes and pending").isEqualTo(offered);
  }

  @Test
  void outcomesAndPendingAddUpToOffered_inEachScrapeUnderFaults() throws Exception {
    AtomicInteger count = new AtomicInteger();
    TestTarget.Behaviour hang = secondary.hang();
    secondary.behave(
        (request, out) -> {
          switch (count.incrementAndGet() % 8) {
            case 0 -> TestTarget.status(400).handle(request, out);
            case 1 -> TestTarget.status(429).handle(request, out);
            case 2 -> TestTarget.status(503).handle(request, out);
            case 3 -> TestTarget.reset().handle(request, out);
            case 4 -> hang.handle(request, out);
            default -> TestTarget.status(204).handle(request, out);
          }
        });
    List<Thread> clients = new ArrayList<>();
    AtomicInteger failures = new AtomicInteger();
    for (int c = 0; c < 3; c++) {
      String tenant = "t" + c;
      Thread thread =
          new Thread(
              () -> {
                try (RawClient client = new RawClient(gateway.port())) {
                  for (int i = 0; !Thread.currentThread().isInterrupted(); i++) {
                    // Some are too large for the mirror, and some are on the deny list.
                    post(client, i % 7 == 0 ? 2000 : 100, TENANT + tenant);
                    client.exchange(
                        new byte[0], "POST /ingester/shutdown HTTP/1.1", "Host: h", "X: 1");
                  }
                } catch (IOException e) {
                  failures.incrementAndGet();
                }
              });
      clients.add(thread);
      thread.start();
    }
    List<String> scrapes = new ArrayList<>();
    try {
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(20))
          .until(
              () -> {
                String scrape = scrape();
                scrapes.add(scrape);
                return lossOutcomes(scrape) >= 5 && scrapes.size() >= 20;
              });
      // One refusal opens the circuit breaker.
      secondary.refuse();
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                String scrape = scrape();
                scrapes.add(scrape);
                return sum(scrape, "http_mirror_requests_total", "outcome=\"target_down\"") > 0;
              });
    } finally {
      for (Thread thread : clients) {
        thread.interrupt();
        thread.join();
      }
    }
    assertThat(failures).as("clients that failed").hasValue(0);
    assertThat(scrapes).allSatisfy(MetricsTest::assertAddsUp);
    Conservation.awaitSettled(gateway.mirror());
    String last = scrape();
    assertAddsUp(last);
    assertThat(sum(last, "http_mirror_pending", labels -> true)).isZero();
    assertThat(sum(last, "http_mirror_duration_seconds_count", "side=\"target\""))
        .isEqualTo(sum(last, "http_mirror_requests_total", "kind=\"responded\""));
    assertThat(sum(last, "http_mirror_scope_losses_total", "scope=\"t"))
        .isPositive()
        .isLessThanOrEqualTo(sum(last, "http_mirror_offered_total", labels -> true));
  }

  /** Returns the number of outcomes without a useful copy that have occurred. */
  private static long lossOutcomes(String scrape) {
    return List.of(
            Outcome.REJECTED,
            Outcome.THROTTLED,
            Outcome.UNAVAILABLE,
            Outcome.IO_ERROR,
            Outcome.TIMEOUT,
            Outcome.BODY_TOO_LARGE,
            Outcome.DENIED)
        .stream()
        .filter(
            outcome ->
                sum(
                        scrape,
                        "http_mirror_requests_total",
                        "outcome=\"" + outcome.name().toLowerCase(Locale.ROOT) + "\"")
                    > 0)
        .count();
  }

  @Test
  void responsesOfThePrimaryAndOfTheGatewayAreCountedApart() throws Exception {
    primary.behave(TestTarget.status(503));
    try (RawClient client = new RawClient(gateway.port())) {
      assertThat(post(client, 1).status()).isEqualTo(503);
      primary.refuse();
      assertThat(post(client, 1).status()).isEqualTo(502);
    }
    // The response is logged after it has been sent.
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(requests(scrape(), "source=\"gateway\",status=\"5xx\"")).isEqualTo(1));
    String scrape = scrape();
    assertThat(requests(scrape, "source=\"primary\",status=\"5xx\"")).isEqualTo(1);
    assertThat(requests(scrape, "source=\"")).isEqualTo(2);
    assertThat(scrape)
        .contains(
            "http_gateway_requests_seconds_bucket{source=\"primary\",status=\"5xx\",le=\"60.0\"} 1");
  }

  private static double requests(String scrape, String labels) {
    return sum(scrape, "http_gateway_requests_seconds_count", labels);
  }

  @Test
  void statusesOfPrimaryAndTargetAreCountedTogether() throws Exception {
    secondary.behave(TestTarget.status(400));
    try (RawClient client = new RawClient(gateway.port())) {
      assertThat(post(client, 1).status()).isEqualTo(204);
    }
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(
                        sum(
                            scrape(),
                            "http_mirror_responses_total",
                            "primary_status=\"2xx\",target=\"127.0.0.1:"
                                + secondary.port()
                                + "\",target_status=\"4xx\""))
                    .isEqualTo(1));
  }
}
