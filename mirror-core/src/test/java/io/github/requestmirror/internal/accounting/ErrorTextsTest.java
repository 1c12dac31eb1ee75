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
    recorder.end(Outcome.TIMEOUT, null, Heads.head("GET", "/"), "detail", null);
  }

  @Test
  void textOfAStatusIsWantedOnceInFiveSeconds() {
    assertThat(texts.claim(400)).isTrue();
    now += ErrorTexts.INTERVAL_NANOS - 1;
    assertThat(texts.claim(400)).isFalse();
    assertThat(texts.claim(422)).isTrue();
    now++;
    assertThat(texts.claim(400)).isTrue();
    assertThat(texts.claim(400)).isFalse();
  }

  @Test
  void oneTextIsWantedForALogLineWithoutDetail() {
    assertThat(texts.claim(400)).isTrue();
    assertThat(texts.claim(400)).isFalse();
    now++;
    log.tick(now);
    assertThat(texts.claim(400)).isTrue();
    assertThat(texts.claim(400)).as("claimed").isFalse();
    recorder.end(Outcome.REJECTED, null, Heads.head("GET", "/"), "status 400", null);
    now += LossLog.INTERVAL_NANOS;
    log.tick(now);
    assertThat(texts.claim(400)).isTrue();
    recorder.end(Outcome.REJECTED, null, Heads.head("GET", "/"), "status 400", null);
    now += ErrorTexts.INTERVAL_NANOS - 1;
    assertThat(texts.claim(400)).as("the line has a detail").isFalse();
  }

  /** Nothing was recorded, for example for lack of memory. */
  @Test
  void textForALogLineIsWantedAgainAfterAWhile() {
    assertThat(texts.claim(400)).isTrue();
    now++;
    log.tick(now);
    now++;
    assertThat(texts.claim(400)).isTrue();
    assertThat(texts.claim(422)).isTrue();
    now += ErrorTexts.INTERVAL_NANOS - 1;
    recorder.end(Outcome.EXPIRED, null, Heads.head("GET", "/"), null, null);
    assertThat(texts.claim(422)).isFalse();
    now++;
    assertThat(texts.claim(422)).isTrue();
    assertThat(texts.claim(400)).isTrue();
    assertThat(texts.claim(400)).isTrue();
    assertThat(texts.claim(400)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 100, 200, 204, 299, 600})
  void textOfOtherResponsesIsNotWanted(int status) {
    assertThat(texts.claim(status)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {300, 404, 599})
  void textOfErrorsIsWanted(int status) {
    assertThat(texts.claim(status)).isTrue();
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
  }
}
