package io.github.requestmirror.internal.accounting;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Heads;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorTextsTest {
  private static final Instant TIME = Instant.parse("2026-11-28T12:00:00Z");

  /** Close to the overflow of the clock, which must have no effect. */
  private long now = Long.MAX_VALUE - 1000;

  private final OutcomeCounters counters = new OutcomeCounters();
  private final LossLog log =
      new LossLog("secondary", counters, now, Runnable::run, line -> {}, () -> {});
  private final OutcomeRecorder recorder =
      new OutcomeRecorder(counters, log, Reporter.start("secondary", null, () -> now));
  private final ErrorTexts texts = new ErrorTexts(log, () -> now, () -> TIME);

  /** From now on the log line has a detail, and needs no other one. */
  @BeforeEach
  void lose() {
    recorder.end(Outcome.TIMEOUT, Heads.head("GET", "/"), "detail", null);
  }

  @Test
  void textOfAStatusIsWantedOnceInFiveSeconds() {
    assertThat(texts.wants(400)).isTrue();
    texts.keep(Outcome.REJECTED, 400, "a");
    now += ErrorTexts.INTERVAL_NANOS - 1;
    assertThat(texts.wants(400)).isFalse();
    assertThat(texts.wants(422)).isTrue();
    now++;
    assertThat(texts.wants(400)).isTrue();
  }

  /** A result that leads to a retry is not kept, so the next one is wanted as well. */
  @Test
  void textThatWasNotKeptIsWantedAgain() {
    assertThat(texts.wants(429)).isTrue();
    assertThat(texts.wants(429)).isTrue();
  }

  @Test
  void textIsWantedIfTheLogLineHasNone() {
    texts.keep(Outcome.REJECTED, 400, "a");
    assertThat(texts.wants(400)).isFalse();
    log.flush();
    assertThat(texts.wants(400)).isTrue();
    recorder.end(Outcome.EXPIRED, Heads.head("GET", "/"), null, null);
    assertThat(texts.wants(400)).isTrue();
    recorder.end(Outcome.REJECTED, Heads.head("GET", "/"), "status 400", null);
    assertThat(texts.wants(400)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 100, 200, 204, 299, 600})
  void textOfOtherResponsesIsNotWanted(int status) {
    assertThat(texts.wants(status)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {300, 404, 599})
  void textOfErrorsIsWanted(int status) {
    assertThat(texts.wants(status)).isTrue();
  }

  @Test
  void lastRejectionIsThatOfTheLastTextThatWasKept() {
    assertThat(texts.lastRejection()).isNull();
    texts.keep(Outcome.REJECTED, 400, "out of order");
    texts.keep(Outcome.THROTTLED, 429, "slow down");
    assertThat(texts.lastRejection()).isEqualTo(new MirrorStats.Rejection(TIME, 429, "slow down"));
  }

  /** An exception would end the thread's turn, and the copy would never be reported. */
  @Test
  void fullHeapCostsTheTextOnly() {
    ErrorTexts without =
        new ErrorTexts(
            log,
            () -> now,
            () -> {
              throw new OutOfMemoryError("on purpose");
            });
    without.keep(Outcome.REJECTED, 400, "out of order");
    without.keep(Outcome.ACCEPTED, 204, "");
    assertThat(without.lastRejection()).isNull();
  }

  /** An outage must not hide why samples were rejected before it. */
  @Test
  void unavailabilityIsNoRejection() {
    texts.keep(Outcome.REJECTED, 400, "out of order");
    texts.keep(Outcome.UNAVAILABLE, 503, "starting");
    assertThat(texts.lastRejection())
        .isEqualTo(new MirrorStats.Rejection(TIME, 400, "out of order"));
    assertThat(texts.wants(503)).isFalse();
  }
}
