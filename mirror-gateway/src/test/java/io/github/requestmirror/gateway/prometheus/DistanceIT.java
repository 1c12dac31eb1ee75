package io.github.requestmirror.gateway.prometheus;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A secondary far away receives all samples of a sender whose requests do not overlap at the
 * primary, because copies without a common series overtake each other. The runs are long enough for
 * a growing backlog to show.
 *
 * <p>The system property {@code order.runs} is the number of runs of each case.
 */
@Tag("matrix")
@Timeout(value = 5, unit = TimeUnit.HOURS)
class DistanceIT {
  private static final Duration LONG = Duration.ofSeconds(115);
  private static final Duration WATCHED = Duration.ofSeconds(60);
  private static final Duration OUTAGE = Duration.ofSeconds(10);

  @BeforeAll
  static void requirePrometheus() {
    Prometheus.require();
  }

  private interface Checks {
    void check(OrderRun run);
  }

  private static void repeat(Path dir, String name, OrderScenario scenario, Checks checks)
      throws Exception {
    for (int i = 0; i < Integer.getInteger("order.runs", 1); i++) {
      OrderRun run = scenario.run(dir.resolve(name + i));
      assertThat(run.missing()).as("samples missing at the secondary").isZero();
      assertThat(run.outOfOrder()).as("samples rejected as out of order").isZero();
      checks.check(run);
    }
  }

  @Test
  void oneShard_100ms(@TempDir Path dir) throws Exception {
    oneShard(dir, 100);
  }

  @Test
  void oneShard_250ms(@TempDir Path dir) throws Exception {
    oneShard(dir, 250);
  }

  private static void oneShard(Path dir, int latencyMillis) throws Exception {
    int requestsPerSecond = 20;
    repeat(
        dir,
        latencyMillis + "ms",
        new OrderScenario(10_000, 1, 10_000 / requestsPerSecond)
            .delay(random -> latencyMillis)
            .lasting(LONG)
            .watchedAtEnd(WATCHED),
        run ->
            assertThat(run.backlogAtEnd())
                .as("copies that wait")
                .isLessThan(2 * requestsPerSecond * latencyMillis / 1000));
  }

  @Test
  void twoShards_jitterAndOutage(@TempDir Path dir) throws Exception {
    repeat(
        dir,
        "two-shards",
        new OrderScenario(4000, 2, 500)
            .delay(random -> 60 + random.nextInt(280))
            .outage(Duration.ofSeconds(20), OUTAGE)
            .lasting(Duration.ofSeconds(80)),
        run -> {});
  }

  /**
   * A batch is smaller than the series of a shard, so that it has one sample of each. A batch with
   * two samples of a series would be out of order by itself when the sender repeats it after a 503.
   */
  @Test
  void twelveShards_jitterAndOutage(@TempDir Path dir) throws Exception {
    repeat(
        dir,
        "twelve-shards",
        new OrderScenario(1500, 12, 60)
            .delay(random -> random.nextInt(300))
            .outage(Duration.ofSeconds(20), OUTAGE)
            .lasting(Duration.ofSeconds(80)),
        run -> {});
  }

  /**
   * A target as near as the primary needs no keys: two percent of the bodies are read on an idle
   * machine, all of them from far away. The limit leaves room for a machine that pauses, where
   * copies take longer than the 20 ms that count as near; KeyedOrderTest has the rule.
   */
  @Test
  void near_readsHardlyAnyBody(@TempDir Path dir) throws Exception {
    repeat(
        dir,
        "near",
        new OrderScenario(2000, 4, 500)
            .lasting(Duration.ofSeconds(60))
            .watchedAtEnd(Duration.ofSeconds(45)),
        run ->
            assertThat(run.bodiesRead())
                .as("bodies read of %s", run.offered())
                .isLessThan(run.offered() / 10));
  }
}
