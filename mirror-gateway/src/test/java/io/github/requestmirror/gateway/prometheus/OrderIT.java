package io.github.requestmirror.gateway.prometheus;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
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
 * must lose no sample; {@code order.figures} adds a run with FIFO.
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

  private static OrderRun run(Path dir, int batch, int refused, String... options)
      throws Exception {
    return new OrderScenario(SERIES, SHARDS, batch)
        .delay(OrderIT::delayMillis)
        .refusing(refused)
        .outage(BEFORE_OUTAGE, OUTAGE)
        .lasting(AFTER_OUTAGE)
        .run(dir, options);
  }

  /** Up to 300 ms; for one copy in thirty 0.5 to 1.5 s. */
  private static int delayMillis(Random random) {
    return random.nextInt(100) < 3 ? 500 + random.nextInt(1000) : random.nextInt(300);
  }
}
