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
  private final OutcomeCounters counters = new OutcomeCounters();
  private final List<String> lines = new ArrayList<>();
  private final LossLog log =
      new LossLog(
          "secondary", counters, START, Runnable::run, lines::add, callbacks::incrementAndGet);
  private final OutcomeRecorder recorder =
      new OutcomeRecorder(counters, log, Reporter.start("secondary", null, () -> START));

  private long tickAfter(long nanos) {
    return log.tick(START + nanos);
  }

  private void lose(Outcome outcome, int times, String text) {
    for (int i = 0; i < times; i++) {
      recorder.end(outcome, text, null);
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
      recorder.end(outcome, null, null);
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
    recorder.end(outcome, null, null);
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
    recorder.end(Outcome.ACCEPTED, null, null);
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
    recorder.end(Outcome.EXPIRED, null, null);
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
    recorder.end(Outcome.POLICY_ERROR, null, new IllegalStateException("a\r\nWARN forged\nb"));
    tickAfter(0);
    recorder.end(Outcome.POLICY_ERROR, null, new HostileException());
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
    counters.end(Outcome.ACCEPTED);
    assertThat(counters.isSettled()).isTrue();
    assertThat(counters.offered()).isEqualTo(1);
    assertThat(counters.count(Outcome.ACCEPTED)).isEqualTo(1);
  }

  private static final class HostileException extends RuntimeException {
    private static final long serialVersionUID = 1;

    @Override
    public String getMessage() {
      throw new IllegalStateException("hostile");
    }
  }
}
