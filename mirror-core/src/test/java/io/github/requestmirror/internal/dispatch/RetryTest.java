package io.github.requestmirror.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Capture;
import io.github.requestmirror.MirrorListener;
import io.github.requestmirror.MirrorOrder;
import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which copies are retried, when, and which copies wait for them. */
class RetryTest {
  @RegisterExtension final TestPipeline pipeline = new TestPipeline();

  private void retries(int retries) {
    pipeline
        .order(MirrorOrder.NONE)
        .target(
            target ->
                target.maxRetries(retries).maxQueueTime(Duration.ofMinutes(10)).maxInFlight(8));
  }

  private List<String> sent() {
    pipeline.settle();
    return pipeline.sender().paths();
  }

  private void respondLast(Outcome outcome) {
    respondLast(outcome, Duration.ZERO);
  }

  private void respondLast(Outcome outcome, Duration retryAfter) {
    pipeline.settle();
    pipeline.sender().last().respond(outcome, retryAfter);
    pipeline.settle();
  }

  @ParameterizedTest
  @EnumSource(
      value = Outcome.class,
      names = {"THROTTLED", "UNAVAILABLE", "CONNECT_FAILED", "IO_ERROR"})
  void retriesTransientFailuresWithExponentialBackoff(Outcome refusal) {
    retries(8);
    pipeline.get("/a");
    long[] backOffs = {100, 200, 400, 800, 1600, 3200, 5000, 5000};
    for (int i = 0; i < backOffs.length; i++) {
      respondLast(refusal);
      pipeline.advance(Duration.ofMillis(backOffs[i] - 1));
      assertThat(sent()).as("before back-off %s", i).hasSize(i + 1);
      assertThat(pipeline.pipeline().waiting().all()).isEqualTo(1);
      assertThat(pipeline.pipeline().inFlight()).isZero();
      pipeline.advance(Duration.ofMillis(1));
      assertThat(sent()).as("after back-off %s", i).hasSize(i + 2);
    }
    assertThat(pipeline.ended()).isZero();
    assertThat(pipeline.pipeline().retries()).isEqualTo(8);
    respondLast(refusal);
    pipeline.advance(Duration.ofMinutes(1));
    assertThat(sent()).hasSize(9);
    assertThat(pipeline.count(refusal)).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(
      value = Outcome.class,
      names = {"ACCEPTED", "REJECTED", "TIMEOUT", "INTERNAL_ERROR", "ABORTED"})
  void doesNotRetryOtherOutcomes(Outcome outcome) {
    retries(5);
    pipeline.get("/a");
    respondLast(outcome);
    pipeline.advance(Duration.ofMinutes(1));
    assertThat(sent()).hasSize(1);
    assertThat(pipeline.count(outcome)).isEqualTo(1);
    assertThat(pipeline.pipeline().retries()).isZero();
  }

  @Test
  void doesNotRetryByDefault() {
    pipeline.get("/a");
    respondLast(Outcome.UNAVAILABLE);
    pipeline.advance(Duration.ofSeconds(20));
    assertThat(sent()).hasSize(1);
    assertThat(pipeline.count(Outcome.UNAVAILABLE)).isEqualTo(1);
  }

  @Test
  void listenerReceivesOnlyTheOutcomeOfTheLastAttempt() {
    List<Outcome> outcomes = new CopyOnWriteArrayList<>();
    pipeline.listener(
        new MirrorListener() {
          @Override
          public void onEnd(Event event) {
            outcomes.add(event.outcome());
          }
        });
    retries(3);
    pipeline.get("/a");
    respondLast(Outcome.UNAVAILABLE);
    pipeline.advance(Duration.ofMillis(100));
    respondLast(Outcome.ACCEPTED);
    assertThat(pipeline.ended()).isEqualTo(1);
    assertThat(pipeline.count(Outcome.ACCEPTED)).isEqualTo(1);
    assertThat(outcomes).containsExactly(Outcome.ACCEPTED);
    assertThat(pipeline.pipeline().retries()).isEqualTo(1);
  }

  @Test
  void sendsTheWholeBodyInEveryAttempt() {
    retries(2);
    byte[] body = {1, 2, 3};
    Capture capture = pipeline.open("POST", "/a");
    capture.write(body, 0, 3);
    capture.complete();
    capture.primaryResponded(200);
    respondLast(Outcome.UNAVAILABLE);
    assertThat(pipeline.bufferedBytes()).isGreaterThan(3);
    pipeline.advance(Duration.ofMillis(100));
    respondLast(Outcome.UNAVAILABLE);
    pipeline.advance(Duration.ofMillis(200));
    assertThat(pipeline.sender().sent())
        .hasSize(3)
        .allSatisfy(s -> assertThat(s.body()).isEqualTo(body));
    respondLast(Outcome.ACCEPTED);
  }

  @Test
  void waitsForRetryAfterIfItIsLonger() {
    retries(5);
    pipeline.get("/a");
    respondLast(Outcome.THROTTLED, Duration.ofSeconds(7));
    pipeline.advance(Duration.ofMillis(6999));
    assertThat(sent()).hasSize(1);
    pipeline.advance(Duration.ofMillis(1));
    assertThat(sent()).hasSize(2);
    respondLast(Outcome.THROTTLED, Duration.ofMillis(1));
    pipeline.advance(Duration.ofMillis(199));
    assertThat(sent()).hasSize(2);
    pipeline.advance(Duration.ofMillis(1));
    assertThat(sent()).hasSize(3);
    respondLast(Outcome.ACCEPTED);
  }

  @Test
  void doesNotRetryBeyondTheQueueTime() {
    retries(5);
    pipeline.get("/a");
    respondLast(Outcome.THROTTLED, Duration.ofMinutes(10));
    assertThat(pipeline.count(Outcome.THROTTLED)).isEqualTo(1);
    // The target's wish is granted, but not for ever.
    pipeline.get("/b");
    pipeline.advance(Duration.ofSeconds(30));
    respondLast(Outcome.THROTTLED, Duration.ofSeconds(Long.MAX_VALUE));
    assertThat(pipeline.count(Outcome.THROTTLED)).isEqualTo(2);
    assertThat(pipeline.bufferedBytes()).isZero();
  }

  /** A copy waits for the end of every copy responded to before its capture, retries included. */
  @Test
  void dependentCopiesWaitForTheLastAttempt() {
    pipeline.order(MirrorOrder.CAUSAL).target(target -> target.maxRetries(1));
    Capture first = pipeline.open("POST", "/first", "X-Scope-OrgID", "a");
    first.complete();
    first.primaryResponded(200);
    Capture second = pipeline.open("POST", "/second", "X-Scope-OrgID", "a");
    second.complete();
    second.primaryResponded(200);
    Capture other = pipeline.open("POST", "/other", "X-Scope-OrgID", "b");
    other.complete();
    other.primaryResponded(200);
    assertThat(sent()).containsExactly("/first", "/other");
    pipeline.sender().sent().get(0).respond(Outcome.UNAVAILABLE);
    pipeline.advance(Duration.ofMillis(99));
    assertThat(sent()).hasSize(2);
    pipeline.advance(Duration.ofMillis(1));
    assertThat(sent()).containsExactly("/first", "/other", "/first");
    respondLast(Outcome.UNAVAILABLE);
    assertThat(sent()).containsExactly("/first", "/other", "/first", "/second");
    respondLast(Outcome.ACCEPTED);
    pipeline.sender().sent().get(1).respond(Outcome.ACCEPTED);
  }

  @Test
  void throttledTenantDoesNotDelayOthers() {
    pipeline.order(MirrorOrder.CAUSAL).target(target -> target.maxInFlight(2).maxRetries(3));
    for (int i = 0; i < 3; i++) {
      pipeline.open("POST", "/limited" + i, "X-Scope-OrgID", "limited").complete();
    }
    respondLast(Outcome.THROTTLED, Duration.ofSeconds(25));
    pipeline.sender().sent().get(0).respond(Outcome.THROTTLED, Duration.ofSeconds(25));
    pipeline.settle();
    assertThat(pipeline.pipeline().inFlight()).isZero();
    assertThat(pipeline.pipeline().waiting().all()).isEqualTo(3);
    pipeline.open("POST", "/good", "X-Scope-OrgID", "good").complete();
    assertThat(sent()).containsExactly("/limited0", "/limited1", "/good");
    respondLast(Outcome.ACCEPTED);
    pipeline.advance(Duration.ofSeconds(25));
    // One probe, then all.
    assertThat(sent()).hasSize(4);
    respondLast(Outcome.ACCEPTED);
    respondLast(Outcome.ACCEPTED);
    respondLast(Outcome.ACCEPTED);
    assertThat(sent().subList(3, sent().size()))
        .containsExactlyInAnyOrder("/limited0", "/limited1", "/limited2");
  }

  /** While the target is down, one copy at a time is sent as a probe, retries first. */
  @Test
  void retriesProbeATargetThatIsDown() {
    retries(1);
    pipeline.get("/a");
    pipeline.get("/b");
    pipeline.get("/c");
    pipeline.settle();
    pipeline.sender().sent().forEach(sent -> sent.respond(Outcome.CONNECT_FAILED));
    pipeline.advance(Duration.ofMillis(100));
    assertThat(sent()).hasSize(4);
    respondLast(Outcome.CONNECT_FAILED);
    assertThat(pipeline.count(Outcome.CONNECT_FAILED)).isEqualTo(1);
    pipeline.advance(Duration.ofMillis(199));
    assertThat(sent()).hasSize(4);
    pipeline.advance(Duration.ofMillis(1));
    assertThat(sent()).hasSize(5);
    respondLast(Outcome.ACCEPTED);
    assertThat(sent()).hasSize(6);
    respondLast(Outcome.ACCEPTED);
    assertThat(sent().subList(3, 6)).containsExactlyInAnyOrder("/a", "/b", "/c");
    assertThat(pipeline.ended()).isEqualTo(3);
  }

  @Test
  void retriesExpireWhileTheTargetIsDown() {
    pipeline
        .order(MirrorOrder.NONE)
        .target(target -> target.maxRetries(3).maxQueueTime(Duration.ofMillis(150)));
    pipeline.get("/a");
    pipeline.get("/b");
    pipeline.get("/c");
    pipeline.settle();
    pipeline.sender().sent().forEach(sent -> sent.respond(Outcome.CONNECT_FAILED));
    pipeline.advance(Duration.ofMillis(100));
    assertThat(sent()).hasSize(4);
    assertThat(pipeline.ended()).isZero();
    // The probe is in flight, so the other two cannot be sent.
    pipeline.advance(Duration.ofMillis(50));
    assertThat(pipeline.count(Outcome.CONNECT_FAILED)).isEqualTo(2);
    respondLast(Outcome.ACCEPTED);
    assertThat(sent()).hasSize(4);
  }

  @Test
  void closeEndsRetriesWithTheirLastResult() {
    retries(1);
    pipeline.get("/a");
    respondLast(Outcome.THROTTLED);
    pipeline.closeNow();
    assertThat(pipeline.count(Outcome.THROTTLED)).isEqualTo(1);
    assertThat(pipeline.ended()).isEqualTo(1);
  }

  private void respondLast(Outcome outcome, int status, String text) {
    pipeline.settle();
    pipeline.sender().last().respond(outcome, status, text);
    pipeline.settle();
  }

  private @Nullable String lastRejection() {
    MirrorStats.Rejection rejection = pipeline.pipeline().lastRejection();
    return rejection == null ? null : rejection.text();
  }

  /** A copy that waits for its next attempt keeps no text, so it needs no memory for it. */
  @Test
  void textIsKeptOnlyOfTheResponseThatEndsTheCopy() {
    retries(1);
    pipeline.get("/a");
    respondLast(Outcome.THROTTLED, 429, "first");
    pipeline.advance(Duration.ofMillis(100));
    assertThat(lastRejection()).isNull();
    respondLast(Outcome.THROTTLED, 429, "second");
    assertThat(lastRejection()).isEqualTo("second");
  }

  @Test
  void responseBeforeAWaitDoesNotReplaceANewerRejection() {
    retries(9);
    pipeline.get("/waits");
    respondLast(Outcome.THROTTLED, 429, "old");
    pipeline.get("/ends");
    respondLast(Outcome.REJECTED, 400, "new");
    pipeline.closeNow();
    assertThat(pipeline.count(Outcome.THROTTLED)).isEqualTo(1);
    assertThat(lastRejection()).isEqualTo("new");
  }
}
