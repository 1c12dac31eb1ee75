package io.github.requestmirror.gateway.prometheus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RawClient;
import io.github.requestmirror.testing.TestTarget;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Shows the effect of the order of copies. A sender with eight shards writes to a primary that
 * responds with 503 for ten seconds, after which the sender catches up. Copies reach the secondary
 * with random delays, and the secondary rejects samples that are out of order.
 *
 * <p>System properties: {@code order.runs} is the number of runs with causal order, all of which
 * must lose no sample; {@code order.seed} seeds the delays; {@code order.figures} adds a run with
 * FIFO.
 */
@Tag("matrix")
class OrderIT {
  private static final int SHARDS = 8;
  private static final int SERIES = 600;

  /**
   * Fewer samples than a shard has series, so that a batch has at most one sample of each series. A
   * batch that is sent again after a 503 is then an exact duplicate, which the secondary accepts.
   */
  private static final int BATCH = 50;

  private static final Duration BEFORE_OUTAGE = Duration.ofSeconds(8);
  private static final Duration OUTAGE = Duration.ofSeconds(10);
  private static final Duration AFTER_OUTAGE = Duration.ofSeconds(15);

  @BeforeAll
  static void requirePrometheus() {
    Prometheus.require();
  }

  @Test
  @Timeout(value = 1, unit = TimeUnit.HOURS)
  void causalOrder_losesNoSample(@TempDir Path dir) throws Exception {
    for (int i = 0; i < Integer.getInteger("order.runs", 1); i++) {
      OrderRun run = run(dir.resolve("causal" + i), BATCH, 0, "--order=causal");
      assertThat(run.missing()).as("samples missing at the secondary").isZero();
      assertThat(run.outOfOrder()).as("samples rejected as out of order").isZero();
      assertThat(run.maxConcurrency()).as("copies in flight at once").isEqualTo(SHARDS);
    }
  }

  /** Batches have several samples per series; only those that the primary accepts are mirrored. */
  @Test
  void whenPrimaryResponds_rejectedBatchesAreNotMirrored(@TempDir Path dir) throws Exception {
    OrderRun run = run(dir, 4 * BATCH, 0, "--when-primary-responds=2");
    assertThat(run.missing()).as("samples missing at the secondary").isZero();
    assertThat(run.outOfOrder()).as("samples refused as out of order").isZero();
  }

  /** The secondary responds to 5 % of the copies with 503; later copies wait for their retries. */
  @Test
  void retries_loseNoSample(@TempDir Path dir) throws Exception {
    OrderRun run = run(dir, BATCH, 5, "--order=causal", "--max-retries=20", "--max-queue-time=2m");
    assertThat(run.missing()).as("samples missing at the secondary").isZero();
    assertThat(run.outOfOrder()).as("samples refused as out of order").isZero();
    assertThat(run.retries()).as("copies sent again").isPositive();
  }

  /** Shows that the conditions of the other tests do lose samples without an order. */
  @Test
  void noOrder_losesSamples(@TempDir Path dir) throws Exception {
    OrderRun run = run(dir, BATCH, 0, "--order=none");
    assertThat(run.missing()).as("samples missing at the secondary").isPositive();
  }

  /** For the table in docs/ordering.md. */
  @Test
  @EnabledIfSystemProperty(named = "order.figures", matches = "true")
  void fifo_sendsOneCopyAtATime(@TempDir Path dir) throws Exception {
    OrderRun run = run(dir, BATCH, 0, "--order=fifo");
    assertThat(run.outOfOrder()).as("samples refused as out of order").isZero();
    assertThat(run.maxConcurrency()).as("copies in flight at once").isEqualTo(1);
  }

  /**
   * @param refused percentage of copies that receive 503 instead of reaching the secondary
   */
  private static OrderRun run(Path dir, int batch, int refused, String... options)
      throws Exception {
    long seed = Long.getLong("order.seed", System.nanoTime());
    Lag lag = new Lag();
    try (Exporter exporter = new Exporter(SERIES);
        Prometheus primary = Prometheus.receiver(dir.resolve("primary"));
        Prometheus secondary = Prometheus.receiver(dir.resolve("secondary"));
        TestTarget primaryDoor = new TestTarget().behave(lag.primary(forward(primary.port())));
        TestTarget secondaryDoor =
            new TestTarget()
                .behave(lag.secondary(late(new Random(seed), refused, forward(secondary.port()))));
        GatewayJar gateway = new GatewayJar(dir, primaryDoor.uri(), secondaryDoor.uri(), options)) {
      int backlog;
      try (Prometheus sender =
          Prometheus.sender(
              dir.resolve("sender"), exporter.port(), gateway.port(), SHARDS, batch)) {
        backlog = watchBacklog(gateway, BEFORE_OUTAGE);
        primaryDoor.behave(lag.primary(TestTarget.status(503)));
        backlog = Math.max(backlog, watchBacklog(gateway, OUTAGE));
        primaryDoor.behave(lag.primary(forward(primary.port())));
        backlog = Math.max(backlog, watchBacklog(gateway, AFTER_OUTAGE));
        assertThat(sender.metric("prometheus_remote_storage_samples_retried_total")).isPositive();
      }
      gateway.awaitSettled();

      Map<String, Map<String, String>> atPrimary = primary.samples();
      OrderRun run =
          new OrderRun(
              Prometheus.count(atPrimary),
              Prometheus.missing(atPrimary, secondary.samples()).size(),
              secondary.metric("prometheus_tsdb_out_of_order_samples_total"),
              secondaryDoor.maxConcurrency(),
              lag.percentile(50),
              lag.percentile(99),
              backlog,
              gateway.stats().path("retries").asLong());
      System.out.println(String.join(" ", options) + " seed=" + seed + ": " + run);
      return run;
    }
  }

  /**
   * Waits for {@code duration}, because the test is about an outage of that length; returns the
   * largest number of queued copies observed.
   */
  private static int watchBacklog(GatewayJar gateway, Duration duration) {
    AtomicInteger most = new AtomicInteger();
    long end = System.nanoTime() + duration.toNanos();
    await()
        .atMost(duration.plusSeconds(10))
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              most.accumulateAndGet(gateway.stats().path("queued").asInt(), Math::max);
              return System.nanoTime() - end >= 0;
            });
    return most.get();
  }

  /** Forwards a request and its response over a new connection. */
  static TestTarget.Behaviour forward(int port) {
    return (request, out) -> {
      try (RawClient client = new RawClient(port)) {
        HttpMessage response = client.exchange(request);
        out.write(response.head());
        out.write(response.body());
        out.flush();
      }
    };
  }

  /** Delays each request by up to 300 ms, and one in thirty by 0.5 to 1.5 s; refuses some. */
  private static TestTarget.Behaviour late(Random random, int refused, TestTarget.Behaviour then) {
    return (request, out) -> {
      int millis;
      boolean refuse;
      synchronized (random) {
        millis = random.nextInt(100) < 3 ? 500 + random.nextInt(1000) : random.nextInt(300);
        refuse = random.nextInt(100) < refused;
      }
      TimeUnit.MILLISECONDS.sleep(millis);
      (refuse ? TestTarget.status(503) : then).handle(request, out);
    };
  }
}
