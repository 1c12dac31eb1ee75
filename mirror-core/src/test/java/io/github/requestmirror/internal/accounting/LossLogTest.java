package io.github.requestmirror.internal.accounting;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LossLogTest {
  private static final long SECOND = 1_000_000_000;

  /** Close to the overflow of the clock, which must have no effect. */
  private static final long START = Long.MAX_VALUE - SECOND;

  private final AtomicInteger callbacks = new AtomicInteger();
  private final OutcomeCounters counters = new OutcomeCounters(callbacks::incrementAndGet);
  private final List<String> lines = new ArrayList<>();
  private final LossLog log = new LossLog("secondary", counters, START, Runnable::run, lines::add);

  private long tickAfter(long nanos) {
    return log.tick(START + nanos);
  }

  private void lose(Outcome outcome, int times, Object detail) {
    for (int i = 0; i < times; i++) {
      counters.offer();
      counters.end(outcome, detail);
    }
  }

  @Test
  void logsNothingWithoutLosses() {
    for (Outcome outcome :
        List.of(
            Outcome.ACCEPTED,
            Outcome.DISABLED,
            Outcome.LOOP,
            Outcome.UPGRADE,
            Outcome.NOT_MATCHED,
            Outcome.DENIED,
            Outcome.NOT_SAMPLED,
            Outcome.PRIMARY_STATUS,
            Outcome.CLOSED)) {
      counters.end(outcome, null);
      assertThat(tickAfter(0)).isEqualTo(Long.MAX_VALUE);
    }
    assertThat(callbacks).hasValue(0);
    log.flush();
    assertThat(lines).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {
        "ACCEPTED",
        "DISABLED",
        "LOOP",
        "UPGRADE",
        "NOT_MATCHED",
        "DENIED",
        "NOT_SAMPLED",
        "PRIMARY_STATUS",
        "CLOSED"
      })
  void logsEveryLoss(Outcome outcome) {
    counters.end(outcome, null);
    assertThat(callbacks).hasValue(1);
    assertThat(tickAfter(0)).isEqualTo(Long.MAX_VALUE);
    assertThat(lines).containsExactly("mirror secondary: 1 " + outcome);
  }

  @Test
  void logsOneLineInTenSecondsWithCountsAndLatestDetail() {
    lose(Outcome.TIMEOUT, 1, "first");
    tickAfter(0);
    lose(Outcome.TIMEOUT, 1000, "old");
    lose(Outcome.BUFFER_FULL, 30, "newest");
    counters.end(Outcome.ACCEPTED, null);
    assertThat(tickAfter(SECOND)).isEqualTo(9 * SECOND);
    assertThat(tickAfter(10 * SECOND - 1)).isEqualTo(1);
    assertThat(lines).containsExactly("mirror secondary: 1 TIMEOUT; last: first");
    assertThat(tickAfter(10 * SECOND)).isEqualTo(Long.MAX_VALUE);
    assertThat(lines)
        .hasSize(2)
        .last()
        .isEqualTo("mirror secondary: 1000 TIMEOUT, 30 BUFFER_FULL; last: newest");
    assertThat(tickAfter(60 * SECOND)).isEqualTo(Long.MAX_VALUE);
    assertThat(lines).hasSize(2);
  }

  @Test
  void logsADetailOnce() {
    lose(Outcome.TIMEOUT, 1, "once");
    tickAfter(0);
    lose(Outcome.EXPIRED, 1, "other");
    tickAfter(10 * SECOND);
    counters.end(Outcome.EXPIRED, null);
    tickAfter(20 * SECOND);
    assertThat(lines).last().isEqualTo("mirror secondary: 1 EXPIRED");
  }

  @Test
  void firstLossAfterALineTriggersTheCallback() {
    lose(Outcome.TIMEOUT, 100, "x");
    assertThat(callbacks).hasValue(1);
    tickAfter(0);
    lose(Outcome.TIMEOUT, 100, "x");
    assertThat(callbacks).hasValue(2);
  }

  @Test
  void flushLogsTheRest() {
    lose(Outcome.TIMEOUT, 1, "x");
    tickAfter(0);
    lose(Outcome.ABORTED, 2, "y");
    log.flush();
    log.flush();
    assertThat(lines).hasSize(2).last().isEqualTo("mirror secondary: 2 ABORTED; last: y");
  }

  /** Exceptions of the application and responses of targets must not inject lines into the log. */
  @Test
  void detailIsOneLineEvenIfItIsHostile() {
    lose(Outcome.POLICY_ERROR, 1, new IllegalStateException("a\r\nWARN forged\nb"));
    tickAfter(0);
    lose(
        Outcome.POLICY_ERROR,
        1,
        new Object() {
          @Override
          public String toString() {
            throw new IllegalStateException("hostile");
          }
        });
    tickAfter(10 * SECOND);
    assertThat(lines)
        .containsExactly(
            "mirror secondary: 1 POLICY_ERROR; last: java.lang.IllegalStateException: a WARN forged"
                + " b",
            "mirror secondary: 1 POLICY_ERROR; last: (its description failed)");
  }

  /** The HTTP client's exception may contain a long line that it failed to parse. */
  @Test
  void truncatesLongDetail() {
    lose(Outcome.IO_ERROR, 1, "x".repeat(100_000));
    tickAfter(0);
    assertThat(lines).last().asString().hasSizeLessThan(1100).endsWith("xxx...");
  }

  @Test
  void countersAreSettledWhenAllRequestsHaveEnded() {
    assertThat(counters.isSettled()).isTrue();
    counters.offer();
    assertThat(counters.isSettled()).isFalse();
    counters.end(Outcome.ACCEPTED, null);
    assertThat(counters.isSettled()).isTrue();
    assertThat(counters.offered()).isEqualTo(1);
    assertThat(counters.count(Outcome.ACCEPTED)).isEqualTo(1);
  }
}
