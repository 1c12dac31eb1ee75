package io.github.requestmirror.internal.accounting;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Headers;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.RequestHead;
import io.github.requestmirror.testing.Heads;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LossLogTest {
  private static final long SECOND = 1_000_000_000;

  /** Close to the overflow of the clock, which must have no effect. */
  private static final long START = Long.MAX_VALUE - SECOND;

  private static final RequestHead HEAD =
      Heads.head("POST", "/push?token=hush", "Content-Type", "text/x", "X-Key", "hush");

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
      recorder.end(outcome, null, HEAD, text, null);
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
      recorder.refuse(outcome, null, null, null);
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
    recorder.refuse(outcome, null, null, null);
    assertThat(callbacks).hasValue(1);
    assertThat(tickAfter(0)).isEqualTo(Long.MAX_VALUE);
    assertThat(lines).containsExactly("mirror secondary: 1 " + outcome + "; last: " + outcome);
  }

  @Test
  void logsOneLineInTenSecondsWithCountsAndLatestDetail() {
    lose(Outcome.TIMEOUT, 1, "first");
    tickAfter(0);
    lose(Outcome.TIMEOUT, 1000, "old");
    lose(Outcome.BUFFER_FULL, 30, "newest");
    recorder.end(Outcome.ACCEPTED, null, HEAD, null, null);
    assertThat(tickAfter(SECOND)).isEqualTo(9 * SECOND);
    assertThat(tickAfter(10 * SECOND - 1)).isEqualTo(1);
    assertThat(lines)
        .containsExactly("mirror secondary: 1 TIMEOUT; last: TIMEOUT of /push (text/x): first");
    assertThat(tickAfter(10 * SECOND)).isEqualTo(Long.MAX_VALUE);
    assertThat(lines)
        .hasSize(2)
        .last()
        .isEqualTo(
            "mirror secondary: 1000 TIMEOUT, 30 BUFFER_FULL; last: BUFFER_FULL of /push (text/x): newest");
    assertThat(tickAfter(60 * SECOND)).isEqualTo(Long.MAX_VALUE);
    assertThat(lines).hasSize(2);
  }

  @Test
  void logsADetailOnce() {
    lose(Outcome.TIMEOUT, 1, "once");
    tickAfter(0);
    lose(Outcome.EXPIRED, 1, "other");
    tickAfter(10 * SECOND);
    recorder.end(Outcome.EXPIRED, null, HEAD, null, null);
    tickAfter(20 * SECOND);
    assertThat(lines)
        .last()
        .isEqualTo("mirror secondary: 1 EXPIRED; last: EXPIRED of /push (text/x)");
  }

  /** The query, other headers and parameters of the path, such as a session id, may be secret. */
  @Test
  void lineNamesPathAndContentTypeOnly() {
    recorder.end(
        Outcome.REJECTED,
        null,
        Heads.head(
            "POST",
            "/a;jsessionid=hush/b?token=hush",
            "Content-Type",
            "text/plain\r\nforged",
            "Authorization",
            "hush"),
        "400",
        null);
    tickAfter(0);
    assertThat(lines)
        .containsExactly(
            "mirror secondary: 1 REJECTED; last: REJECTED of /a/b (text/plain forged): 400");
  }

  @Test
  void lossWithoutDetailDoesNotReplaceOneWithADetail() {
    lose(Outcome.UNAVAILABLE, 1, "503");
    recorder.end(Outcome.EXPIRED, null, HEAD, null, null);
    recorder.refuse(Outcome.TARGET_DOWN, null, Heads.head("POST", "/other"), null);
    tickAfter(0);
    assertThat(lines)
        .containsExactly(
            "mirror secondary: 1 UNAVAILABLE, 1 EXPIRED, 1 TARGET_DOWN; last: UNAVAILABLE of /push"
                + " (text/x): 503");
  }

  /** Its head is a view of a native request, and a target that is down must cost nothing. */
  @Test
  void headsOfRefusedRequestsAreReadOnceForEachLine() {
    AtomicInteger reads = new AtomicInteger();
    RequestHead counting =
        new RequestHead() {
          @Override
          public String method() {
            return "POST";
          }

          @Override
          public String rawPath() {
            return "/" + reads.incrementAndGet();
          }

          @Override
          public @Nullable String rawQuery() {
            return null;
          }

          @Override
          public @Nullable String header(String name) {
            return null;
          }

          @Override
          public Headers headers() {
            return Headers.of();
          }
        };
    for (int i = 0; i < 100; i++) {
      recorder.refuse(Outcome.TARGET_DOWN, null, counting, null);
    }
    tickAfter(0);
    assertThat(reads).hasValue(1);
    assertThat(lines).containsExactly("mirror secondary: 100 TARGET_DOWN; last: TARGET_DOWN of /1");
  }

  @Test
  void headThatThrowsCostsItsDescriptionOnly() {
    RequestHead hostile =
        new RequestHead() {
          @Override
          public String method() {
            throw new IllegalStateException("hostile");
          }

          @Override
          public String rawPath() {
            throw new IllegalStateException("hostile");
          }

          @Override
          public @Nullable String rawQuery() {
            throw new IllegalStateException("hostile");
          }

          @Override
          public @Nullable String header(String name) {
            throw new IllegalStateException("hostile");
          }

          @Override
          public Headers headers() {
            throw new IllegalStateException("hostile");
          }
        };
    recorder.refuse(Outcome.BUFFER_FULL, null, hostile, null);
    tickAfter(0);
    assertThat(lines).containsExactly("mirror secondary: 1 BUFFER_FULL");
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
    assertThat(lines)
        .hasSize(2)
        .last()
        .isEqualTo("mirror secondary: 2 ABORTED; last: ABORTED of /push (text/x): y");
  }

  /** Exceptions of the application and responses of targets must not inject lines into the log. */
  @Test
  void detailIsOneLineEvenIfItIsHostile() {
    recorder.refuse(
        Outcome.POLICY_ERROR, null, null, new IllegalStateException("a\r\nWARN forged\nb"));
    tickAfter(0);
    recorder.refuse(Outcome.POLICY_ERROR, null, null, new HostileException());
    tickAfter(10 * SECOND);
    assertThat(lines)
        .containsExactly(
            "mirror secondary: 1 POLICY_ERROR; last: POLICY_ERROR: java.lang.IllegalStateException: a"
                + " WARN forged b",
            "mirror secondary: 1 POLICY_ERROR; last: POLICY_ERROR: (its description failed)");
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
