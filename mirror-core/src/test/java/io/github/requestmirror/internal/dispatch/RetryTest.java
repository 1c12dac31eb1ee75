package io.github.requestmirror.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Capture;
import io.github.requestmirror.MirrorListener;
import io.github.requestmirror.Order;
import io.github.requestmirror.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is sent again, when, and what waits for it. */
class RetryTest {
  @RegisterExtension final TestLeg leg = new TestLeg();

  private void retries(int retries) {
    leg.order(Order.NONE)
        .target(target -> target.retries(retries).maxAge(Duration.ofMinutes(10)).maxInFlight(8));
  }

  private List<String> sent() {
    leg.settle();
    return leg.sender().paths();
  }

  private void answerLast(Outcome outcome) {
    answerLast(outcome, Duration.ZERO);
  }

  private void answerLast(Outcome outcome, Duration retryAfter) {
    leg.settle();
    leg.sender().last().answer(outcome, retryAfter);
    leg.settle();
  }

  @ParameterizedTest
  @EnumSource(
      value = Outcome.class,
      names = {"THROTTLED", "UNAVAILABLE", "CONNECT_FAILED", "IO_ERROR"})
  void whatMayPassIsSentAgainAtGrowingIntervals(Outcome refusal) {
    retries(8);
    leg.get("/a");
    long[] backOffs = {100, 200, 400, 800, 1600, 3200, 5000, 5000};
    for (int i = 0; i < backOffs.length; i++) {
      answerLast(refusal);
      leg.advance(Duration.ofMillis(backOffs[i] - 1));
      assertThat(sent()).as("before back-off %s", i).hasSize(i + 1);
      assertThat(leg.leg().queued()).isEqualTo(1);
      assertThat(leg.leg().inFlight()).isZero();
      leg.advance(Duration.ofMillis(1));
      assertThat(sent()).as("after back-off %s", i).hasSize(i + 2);
    }
    assertThat(leg.ended()).isZero();
    assertThat(leg.leg().retries()).isEqualTo(8);
    answerLast(refusal);
    leg.advance(Duration.ofMinutes(1));
    assertThat(sent()).hasSize(9);
    assertThat(leg.count(refusal)).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(
      value = Outcome.class,
      names = {"ACCEPTED", "REJECTED", "TIMEOUT", "INTERNAL_ERROR", "ABORTED"})
  void nothingElseIsSentAgain(Outcome outcome) {
    retries(5);
    leg.get("/a");
    answerLast(outcome);
    leg.advance(Duration.ofMinutes(1));
    assertThat(sent()).hasSize(1);
    assertThat(leg.count(outcome)).isEqualTo(1);
    assertThat(leg.leg().retries()).isZero();
  }

  @Test
  void nothingIsSentAgainByDefault() {
    leg.get("/a");
    answerLast(Outcome.UNAVAILABLE);
    leg.advance(Duration.ofSeconds(20));
    assertThat(sent()).hasSize(1);
    assertThat(leg.count(Outcome.UNAVAILABLE)).isEqualTo(1);
  }

  @Test
  void outcomeIsThatOfTheLastAttemptAndTheListenerHearsItOnce() {
    List<Outcome> heard = new CopyOnWriteArrayList<>();
    leg.listener(
        new MirrorListener() {
          @Override
          public void onEnd(Event event) {
            heard.add(event.outcome());
          }
        });
    retries(3);
    leg.get("/a");
    answerLast(Outcome.UNAVAILABLE);
    leg.advance(Duration.ofMillis(100));
    answerLast(Outcome.ACCEPTED);
    assertThat(leg.ended()).isEqualTo(1);
    assertThat(leg.count(Outcome.ACCEPTED)).isEqualTo(1);
    assertThat(heard).containsExactly(Outcome.ACCEPTED);
    assertThat(leg.leg().retries()).isEqualTo(1);
  }

  @Test
  void everyAttemptHasTheWholeBody() {
    retries(2);
    byte[] body = {1, 2, 3};
    Capture capture = leg.open("POST", "/a");
    capture.write(body, 0, 3);
    capture.complete();
    capture.primaryAnswered(200);
    answerLast(Outcome.UNAVAILABLE);
    assertThat(leg.bufferedBytes()).isGreaterThan(3);
    leg.advance(Duration.ofMillis(100));
    answerLast(Outcome.UNAVAILABLE);
    leg.advance(Duration.ofMillis(200));
    assertThat(leg.sender().sent())
        .hasSize(3)
        .allSatisfy(s -> assertThat(s.body()).isEqualTo(body));
    answerLast(Outcome.ACCEPTED);
  }

  @Test
  void retryAfterIsHonouredWhereItIsLater() {
    retries(5);
    leg.get("/a");
    answerLast(Outcome.THROTTLED, Duration.ofSeconds(7));
    leg.advance(Duration.ofMillis(6999));
    assertThat(sent()).hasSize(1);
    leg.advance(Duration.ofMillis(1));
    assertThat(sent()).hasSize(2);
    answerLast(Outcome.THROTTLED, Duration.ofMillis(1));
    leg.advance(Duration.ofMillis(199));
    assertThat(sent()).hasSize(2);
    leg.advance(Duration.ofMillis(1));
    assertThat(sent()).hasSize(3);
    answerLast(Outcome.ACCEPTED);
  }

  @Test
  void thereIsNoRetryBeyondTheAgeOfACopy() {
    retries(5);
    leg.get("/a");
    answerLast(Outcome.THROTTLED, Duration.ofMinutes(10));
    assertThat(leg.count(Outcome.THROTTLED)).isEqualTo(1);
    leg.get("/b");
    answerLast(Outcome.THROTTLED, Duration.ofSeconds(Long.MAX_VALUE));
    assertThat(leg.count(Outcome.THROTTLED)).isEqualTo(2);
    assertThat(leg.bufferedBytes()).isZero();
  }

  /** The rule of the order: it may go only when what was answered before it came has ended. */
  @Test
  void dependantsWaitForTheLastAttempt() {
    leg.order(Order.CAUSAL).target(target -> target.retries(1));
    Capture first = leg.open("POST", "/first", "X-Scope-OrgID", "a");
    first.complete();
    first.primaryAnswered(200);
    Capture second = leg.open("POST", "/second", "X-Scope-OrgID", "a");
    second.complete();
    second.primaryAnswered(200);
    Capture other = leg.open("POST", "/other", "X-Scope-OrgID", "b");
    other.complete();
    other.primaryAnswered(200);
    assertThat(sent()).containsExactly("/first", "/other");
    leg.sender().sent().get(0).answer(Outcome.UNAVAILABLE);
    leg.advance(Duration.ofMillis(99));
    assertThat(sent()).hasSize(2);
    leg.advance(Duration.ofMillis(1));
    assertThat(sent()).containsExactly("/first", "/other", "/first");
    answerLast(Outcome.UNAVAILABLE);
    assertThat(sent()).containsExactly("/first", "/other", "/first", "/second");
    answerLast(Outcome.ACCEPTED);
    leg.sender().sent().get(1).answer(Outcome.ACCEPTED);
  }

  @Test
  void tenantOverItsLimitDoesNotHoldUpOthers() {
    leg.order(Order.CAUSAL).target(target -> target.maxInFlight(2).retries(3));
    for (int i = 0; i < 3; i++) {
      Capture limited = leg.open("POST", "/limited" + i, "X-Scope-OrgID", "limited");
      limited.complete();
      answerLast(Outcome.THROTTLED, Duration.ofSeconds(25));
    }
    assertThat(leg.leg().inFlight()).isZero();
    assertThat(leg.leg().queued()).isEqualTo(3);
    leg.open("POST", "/good", "X-Scope-OrgID", "good").complete();
    assertThat(sent()).containsExactly("/limited0", "/limited1", "/limited2", "/good");
    answerLast(Outcome.ACCEPTED);
    leg.advance(Duration.ofSeconds(25));
    // No more than the limit at once, those that wait longest first.
    assertThat(sent().subList(4, sent().size())).containsExactly("/limited0", "/limited1");
    answerLast(Outcome.ACCEPTED);
    assertThat(sent()).endsWith("/limited2");
    leg.sender().sent().get(4).answer(Outcome.ACCEPTED);
    answerLast(Outcome.ACCEPTED);
  }

  /** While the target is down one copy at a time is tried, retries first. */
  @Test
  void retriesProbeATargetThatIsDown() {
    retries(1);
    leg.get("/a");
    leg.get("/b");
    leg.get("/c");
    leg.settle();
    leg.sender().sent().forEach(sent -> sent.answer(Outcome.CONNECT_FAILED));
    leg.advance(Duration.ofMillis(100));
    assertThat(sent()).hasSize(4);
    answerLast(Outcome.CONNECT_FAILED);
    assertThat(leg.count(Outcome.CONNECT_FAILED)).isEqualTo(1);
    leg.advance(Duration.ofMillis(199));
    assertThat(sent()).hasSize(4);
    leg.advance(Duration.ofMillis(1));
    assertThat(sent()).hasSize(5);
    answerLast(Outcome.ACCEPTED);
    assertThat(sent()).hasSize(6);
    answerLast(Outcome.ACCEPTED);
    assertThat(sent().subList(3, 6)).containsExactlyInAnyOrder("/a", "/b", "/c");
    assertThat(leg.ended()).isEqualTo(3);
  }

  @Test
  void copiesGrowTooOldWhileTheTargetIsDown() {
    leg.order(Order.NONE).target(target -> target.retries(3).maxAge(Duration.ofMillis(150)));
    leg.get("/a");
    leg.get("/b");
    leg.get("/c");
    leg.settle();
    leg.sender().sent().forEach(sent -> sent.answer(Outcome.CONNECT_FAILED));
    leg.advance(Duration.ofMillis(100));
    assertThat(sent()).hasSize(4);
    assertThat(leg.ended()).isZero();
    // The probe is under way, so the other two can't go.
    leg.advance(Duration.ofMillis(50));
    assertThat(leg.count(Outcome.CONNECT_FAILED)).isEqualTo(2);
    answerLast(Outcome.ACCEPTED);
    assertThat(sent()).hasSize(4);
  }

  @Test
  void closeEndsWhatWaitsAsItsLastAttemptDid() {
    retries(1);
    leg.get("/a");
    answerLast(Outcome.THROTTLED);
    leg.closeNow();
    assertThat(leg.count(Outcome.THROTTLED)).isEqualTo(1);
    assertThat(leg.ended()).isEqualTo(1);
  }
}
