package io.github.requestmirror.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Capture;
import io.github.requestmirror.MirrorListener;
import io.github.requestmirror.Order;
import io.github.requestmirror.Outcome;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Limits of number and time, with a clock and a sender that the test moves. */
class DispatchTest {
  @RegisterExtension final TestLeg leg = new TestLeg();

  private List<String> sent() {
    leg.settle();
    return leg.sender().paths();
  }

  private ManualSender.Sent exchange(int index) {
    leg.settle();
    return leg.sender().sent().get(index);
  }

  @Test
  void noMoreThanTheLimitAreInFlight() {
    leg.target(target -> target.maxInFlight(2));
    for (int i = 0; i < 5; i++) {
      leg.get("/" + i);
    }
    assertThat(sent()).containsExactly("/0", "/1");
    assertThat(leg.leg().inFlight()).isEqualTo(2);
    assertThat(leg.leg().queued()).isEqualTo(3);
    exchange(1).answer(Outcome.ACCEPTED);
    assertThat(sent()).containsExactly("/0", "/1", "/2");
    exchange(0).answer(Outcome.REJECTED);
    exchange(2).answer(Outcome.THROTTLED);
    assertThat(sent()).containsExactly("/0", "/1", "/2", "/3", "/4");
    exchange(3).answer(Outcome.UNAVAILABLE);
    exchange(4).answer(Outcome.IO_ERROR);
    leg.settle();
    assertThat(leg.leg().inFlight()).isZero();
    assertThat(leg.leg().queued()).isZero();
    assertThat(leg.bufferedBytes()).isZero();
    for (Outcome outcome :
        List.of(
            Outcome.ACCEPTED,
            Outcome.REJECTED,
            Outcome.THROTTLED,
            Outcome.UNAVAILABLE,
            Outcome.IO_ERROR)) {
      assertThat(leg.count(outcome)).as("%s", outcome).isEqualTo(1);
    }
  }

  @Test
  void copyTooOldIsDroppedAndOneInFlightIsNot() {
    leg.target(
        target ->
            target.maxInFlight(1).maxAge(Duration.ofSeconds(3)).timeout(Duration.ofSeconds(60)));
    leg.get("/sent");
    leg.get("/old");
    leg.advance(Duration.ofSeconds(2));
    leg.get("/young");
    leg.advance(Duration.ofMillis(999));
    assertThat(leg.count(Outcome.EXPIRED)).isZero();
    leg.advance(Duration.ofMillis(1));
    assertThat(leg.count(Outcome.EXPIRED)).isEqualTo(1);
    exchange(0).answer(Outcome.ACCEPTED);
    assertThat(sent()).containsExactly("/sent", "/young");
    exchange(1).answer(Outcome.ACCEPTED);
  }

  /** An application may answer first and read later, or never: the others must not wait for it. */
  @Test
  void answeredRequestWhoseBodyNeverEndsHoldsOthersUpNoLongerThanTheAge() {
    leg.order(Order.CAUSAL).target(target -> target.maxAge(Duration.ofSeconds(30)));
    Capture slow = leg.open("POST", "/slow");
    slow.write(new byte[10], 0, 10);
    slow.primaryAnswering();
    leg.settle();
    leg.advance(Duration.ofSeconds(20));
    Capture next = leg.open("POST", "/next");
    next.complete();
    next.primaryAnswered(200);
    leg.advance(Duration.ofMillis(9999));
    assertThat(sent()).isEmpty();
    leg.advance(Duration.ofMillis(1));
    assertThat(sent()).containsExactly("/next");
    leg.sender().last().answer(Outcome.ACCEPTED);
    // Too late to be sent in order.
    slow.complete();
    leg.settle();
    assertThat(sent()).hasSize(1);
    assertThat(leg.count(Outcome.EXPIRED)).isEqualTo(1);
    assertThat(leg.bufferedBytes()).isZero();
  }

  /** The budget counts what is held, so what it does not count must not be held. */
  @Test
  void sentBodyIsNotKeptByACaptureWhosePrimaryGoesOn() {
    Capture capture = leg.open("POST", "/");
    capture.write(new byte[100_000], 0, 100_000);
    capture.complete();
    leg.settle();
    WeakReference<Object> body = new WeakReference<>(leg.sender().last().captured());
    leg.sender().last().answer(Outcome.ACCEPTED);
    leg.sender().sent().clear();
    leg.settle();
    assertThat(leg.bufferedBytes()).isZero();
    await()
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(body.get()).isNull();
            });
    capture.primaryAnswered(200);
  }

  @Test
  void captureThatTakesItsTimeDoesNotAge() {
    leg.target(target -> target.maxAge(Duration.ofSeconds(1)));
    Capture slow = leg.open("POST", "/slow");
    leg.advance(Duration.ofMinutes(1));
    slow.complete();
    assertThat(sent()).containsExactly("/slow");
  }

  @Test
  void answerThatDoesNotComeIsATimeoutAndFreesItsPlace() {
    leg.target(target -> target.maxInFlight(1).timeout(Duration.ofSeconds(2)));
    leg.get("/hangs");
    leg.get("/next");
    leg.advance(Duration.ofMillis(1999));
    assertThat(leg.count(Outcome.TIMEOUT)).isZero();
    leg.advance(Duration.ofMillis(1));
    assertThat(leg.count(Outcome.TIMEOUT)).isEqualTo(1);
    assertThat(exchange(0).isCancelled()).isTrue();
    assertThat(sent()).containsExactly("/hangs", "/next");
    exchange(1).answer(Outcome.ACCEPTED);
    assertThat(exchange(1).isCancelled()).isFalse();
  }

  @Test
  void lateOrRepeatedAnswerCountsForNothing() {
    leg.target(target -> target.timeout(Duration.ofSeconds(2)));
    leg.get("/late");
    leg.advance(Duration.ofSeconds(2));
    leg.get("/twice");
    exchange(0).answer(Outcome.ACCEPTED);
    exchange(1).answer(Outcome.ACCEPTED);
    exchange(1).answer(Outcome.UNAVAILABLE);
    exchange(0).answer(Outcome.CONNECT_FAILED);
    leg.settle();
    assertThat(leg.count(Outcome.TIMEOUT)).isEqualTo(1);
    assertThat(leg.count(Outcome.ACCEPTED)).isEqualTo(1);
    assertThat(leg.ended()).isEqualTo(2);
    assertThat(leg.leg().isUp()).isTrue();
  }

  @Test
  void senderThatThrowsIsCounted() {
    leg.sender().failWith(new IllegalStateException("on purpose"));
    leg.get("/a");
    leg.settle();
    assertThat(leg.count(Outcome.INTERNAL_ERROR)).isEqualTo(1);
    leg.sender().failWith(null);
    leg.get("/b");
    assertThat(sent()).containsExactly("/b");
    exchange(0).answer(Outcome.ACCEPTED);
  }

  @Test
  void senderThatAnswersAtOnceIsNoMatter() {
    leg.target(target -> target.maxInFlight(1)).sender().automatic(sent -> Outcome.ACCEPTED);
    for (int i = 0; i < 500; i++) {
      leg.get("/" + i);
    }
    await().until(() -> leg.count(Outcome.ACCEPTED) == 500);
  }

  @Test
  void exchangeThatCannotBeCancelledHoldsNothingUp() {
    leg.target(target -> target.maxInFlight(2).timeout(Duration.ofSeconds(2)));
    leg.get("/a");
    leg.get("/b");
    leg.get("/c");
    exchange(0).failOnCancel(new IllegalStateException("on purpose"));
    exchange(1).failOnCancel(new IllegalStateException("on purpose"));
    leg.advance(Duration.ofSeconds(2));
    assertThat(leg.count(Outcome.TIMEOUT)).isEqualTo(2);
    exchange(2).failOnCancel(new IllegalStateException("on purpose"));
    leg.get("/d");
    leg.settle();
    leg.closeNow();
    assertThat(leg.count(Outcome.ABORTED)).isEqualTo(2);
  }

  @Test
  void withoutOrderAndLimitsNothingWaits() {
    leg.target(target -> target.maxInFlight(100)).order(Order.NONE);
    for (int i = 0; i < 100; i++) {
      leg.open("POST", "/" + i).complete();
    }
    assertThat(sent()).hasSize(100);
    leg.sender().sent().forEach(exchange -> exchange.answer(Outcome.ACCEPTED));
  }

  @Test
  void eventTellsWhatHappened() {
    List<MirrorListener.Event> events = new CopyOnWriteArrayList<>();
    leg.listener(events::add);
    Capture capture = leg.open("POST", "/path?query", "Authorization", "hush");
    capture.write(new byte[10], 0, 10);
    leg.advance(Duration.ofSeconds(1));
    capture.complete();
    leg.advance(Duration.ofSeconds(2));
    exchange(0).answer(Outcome.ACCEPTED);
    leg.settle();
    assertThat(events).hasSize(1);
    MirrorListener.Event event = events.get(0);
    assertThat(event.target()).isEqualTo("test");
    assertThat(event.outcome()).isEqualTo(Outcome.ACCEPTED);
    assertThat(event.status()).isEqualTo(200);
    assertThat(event.bodyBytes()).isEqualTo(10);
    assertThat(event.elapsed()).isEqualTo(Duration.ofSeconds(3));
    assertThat(event.cause()).isNull();
    assertThat(event.head().method()).isEqualTo("POST");
    assertThat(event.head().rawPath()).isEqualTo("/path");
    assertThat(event.head().rawQuery()).isEqualTo("query");
    assertThat(event.head().header("Authorization")).isEqualTo("hush");
    assertThat(event.toString()).doesNotContain("hush");
  }
}
