package io.github.requestmirror.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Capture;
import io.github.requestmirror.MirrorListener;
import io.github.requestmirror.MirrorOrder;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.RequestHead;
import io.github.requestmirror.internal.capture.BodyCapture;
import io.github.requestmirror.testing.Heads;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The in-flight limit and the timeouts, with a manual clock and sender. */
class DispatchTest {
  @RegisterExtension final TestPipeline pipeline = new TestPipeline();

  private List<String> sent() {
    pipeline.settle();
    return pipeline.sender().paths();
  }

  private ManualSender.Sent exchange(int index) {
    pipeline.settle();
    return pipeline.sender().sent().get(index);
  }

  @Test
  void limitsCopiesInFlight() {
    pipeline.target(target -> target.maxInFlight(2));
    for (int i = 0; i < 5; i++) {
      pipeline.get("/" + i);
    }
    assertThat(sent()).containsExactly("/0", "/1");
    assertThat(pipeline.pipeline().inFlight()).isEqualTo(2);
    assertThat(pipeline.pipeline().waiting().all()).isEqualTo(3);
    exchange(1).respond(Outcome.ACCEPTED);
    assertThat(sent()).containsExactly("/0", "/1", "/2");
    exchange(0).respond(Outcome.REJECTED);
    exchange(2).respond(Outcome.THROTTLED);
    assertThat(sent()).containsExactly("/0", "/1", "/2", "/3", "/4");
    exchange(3).respond(Outcome.UNAVAILABLE);
    exchange(4).respond(Outcome.IO_ERROR);
    pipeline.settle();
    assertThat(pipeline.pipeline().inFlight()).isZero();
    assertThat(pipeline.pipeline().waiting().all()).isZero();
    assertThat(pipeline.bufferedBytes()).isZero();
    for (Outcome outcome :
        List.of(
            Outcome.ACCEPTED,
            Outcome.REJECTED,
            Outcome.THROTTLED,
            Outcome.UNAVAILABLE,
            Outcome.IO_ERROR)) {
      assertThat(pipeline.count(outcome)).as("%s", outcome).isEqualTo(1);
    }
  }

  @Test
  void expiresWaitingCopiesButNotCopiesInFlight() {
    pipeline.target(
        target ->
            target
                .maxInFlight(1)
                .maxQueueTime(Duration.ofSeconds(3))
                .callTimeout(Duration.ofSeconds(60)));
    pipeline.get("/sent");
    pipeline.get("/old");
    pipeline.advance(Duration.ofSeconds(2));
    pipeline.get("/young");
    pipeline.advance(Duration.ofMillis(999));
    assertThat(pipeline.count(Outcome.EXPIRED)).isZero();
    pipeline.advance(Duration.ofMillis(1));
    assertThat(pipeline.count(Outcome.EXPIRED)).isEqualTo(1);
    exchange(0).respond(Outcome.ACCEPTED);
    assertThat(sent()).containsExactly("/sent", "/young");
    exchange(1).respond(Outcome.ACCEPTED);
  }

  /** An application may respond before it reads the body; other copies must not wait forever. */
  @Test
  void expires_respondedRequestWithEndlessBody() {
    pipeline
        .order(MirrorOrder.CAUSAL)
        .target(target -> target.maxQueueTime(Duration.ofSeconds(30)));
    Capture slow = pipeline.open("POST", "/slow");
    slow.write(new byte[10], 0, 10);
    slow.primaryResponding();
    pipeline.settle();
    pipeline.advance(Duration.ofSeconds(10));
    Capture next = pipeline.open("POST", "/next");
    next.complete();
    next.primaryResponded(200);
    pipeline.advance(Duration.ofMillis(4999));
    assertThat(sent()).isEmpty();
    pipeline.advance(Duration.ofMillis(1));
    assertThat(sent()).containsExactly("/next");
    pipeline.sender().last().respond(Outcome.ACCEPTED);
    // The copies after it have been sent, so it cannot be sent in order.
    slow.complete();
    pipeline.settle();
    assertThat(sent()).hasSize(1);
    assertThat(pipeline.count(Outcome.EXPIRED)).isEqualTo(1);
    assertThat(pipeline.bufferedBytes()).isZero();
  }

  /** The body has been released from the budget, so it must be reclaimable. */
  @Test
  void releasesSentBodyWhileThePrimaryIsStillResponding() {
    Capture capture = pipeline.open("POST", "/");
    capture.write(new byte[100_000], 0, 100_000);
    capture.complete();
    pipeline.settle();
    WeakReference<Object> body = new WeakReference<>(pipeline.sender().last().captured());
    pipeline.sender().last().respond(Outcome.ACCEPTED);
    pipeline.sender().sent().clear();
    pipeline.settle();
    assertThat(pipeline.bufferedBytes()).isZero();
    await()
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(body.get()).isNull();
            });
    capture.primaryResponded(200);
  }

  @Test
  void queueTimeStartsAtTheEndOfTheCapture() {
    pipeline.target(target -> target.maxQueueTime(Duration.ofSeconds(1)));
    Capture slow = pipeline.open("POST", "/slow");
    pipeline.advance(Duration.ofMinutes(1));
    slow.complete();
    assertThat(sent()).containsExactly("/slow");
  }

  @Test
  void timesOut_copyWithoutResponse() {
    pipeline.target(target -> target.maxInFlight(1).callTimeout(Duration.ofSeconds(2)));
    pipeline.get("/hangs");
    pipeline.get("/next");
    pipeline.advance(Duration.ofMillis(1999));
    assertThat(pipeline.count(Outcome.TIMEOUT)).isZero();
    pipeline.advance(Duration.ofMillis(1));
    assertThat(pipeline.count(Outcome.TIMEOUT)).isEqualTo(1);
    assertThat(exchange(0).isCancelled()).isTrue();
    assertThat(sent()).containsExactly("/hangs", "/next");
    exchange(1).respond(Outcome.ACCEPTED);
    assertThat(exchange(1).isCancelled()).isFalse();
  }

  @Test
  void ignoresLateAndRepeatedResponses() {
    pipeline.target(target -> target.callTimeout(Duration.ofSeconds(2)));
    pipeline.get("/late");
    pipeline.advance(Duration.ofSeconds(2));
    pipeline.get("/twice");
    exchange(0).respond(Outcome.ACCEPTED);
    exchange(1).respond(Outcome.ACCEPTED);
    exchange(1).respond(Outcome.UNAVAILABLE);
    exchange(0).respond(Outcome.CONNECT_FAILED);
    pipeline.settle();
    assertThat(pipeline.count(Outcome.TIMEOUT)).isEqualTo(1);
    assertThat(pipeline.count(Outcome.ACCEPTED)).isEqualTo(1);
    assertThat(pipeline.ended()).isEqualTo(2);
    assertThat(pipeline.pipeline().isUp()).isTrue();
  }

  @Test
  void countsExceptionOfSender() {
    pipeline.sender().failWith(new IllegalStateException("on purpose"));
    pipeline.get("/a");
    pipeline.settle();
    assertThat(pipeline.count(Outcome.INTERNAL_ERROR)).isEqualTo(1);
    pipeline.sender().failWith(null);
    pipeline.get("/b");
    assertThat(sent()).containsExactly("/b");
    exchange(0).respond(Outcome.ACCEPTED);
  }

  /** Unlike an exception, which says that the head is not valid HTTP. */
  @Test
  void countsErrorWhileARequestIsMadeAsInternal() {
    pipeline.failRewriteWith(new NoClassDefFoundError("on purpose"));
    pipeline.get("/a");
    pipeline.settle();
    pipeline.failRewriteWith(new OutOfMemoryError("on purpose"));
    pipeline.get("/b");
    pipeline.settle();
    assertThat(pipeline.count(Outcome.INTERNAL_ERROR)).isEqualTo(2);
    pipeline.failRewriteWith(null);
    pipeline.open("NOT A TOKEN", "/c").complete();
    pipeline.settle();
    assertThat(pipeline.count(Outcome.POLICY_ERROR)).isEqualTo(1);
    pipeline.get("/d");
    assertThat(sent()).containsExactly("/d");
    exchange(0).respond(Outcome.ACCEPTED);
  }

  @Test
  void countsLackOfMemoryAtAdmissionAsInternal() {
    RequestHead head =
        Heads.unreadable(
            () -> {
              throw new OutOfMemoryError("on purpose");
            });
    assertThat(pipeline.open(head)).isSameAs(Capture.none());
    assertThat(pipeline.count(Outcome.INTERNAL_ERROR)).isEqualTo(1);
  }

  @Test
  void senderMayRespondBeforeItReturns() {
    pipeline.target(target -> target.maxInFlight(1)).sender().automatic(sent -> Outcome.ACCEPTED);
    for (int i = 0; i < 500; i++) {
      pipeline.get("/" + i);
    }
    pipeline.settle();
    assertThat(pipeline.count(Outcome.ACCEPTED)).isEqualTo(500);
  }

  @Test
  void exceptionOnCancelDelaysNothing() {
    pipeline.target(target -> target.maxInFlight(2).callTimeout(Duration.ofSeconds(2)));
    pipeline.get("/a");
    pipeline.get("/b");
    pipeline.get("/c");
    exchange(0).failOnCancel(new IllegalStateException("on purpose"));
    exchange(1).failOnCancel(new IllegalStateException("on purpose"));
    pipeline.advance(Duration.ofSeconds(2));
    assertThat(pipeline.count(Outcome.TIMEOUT)).isEqualTo(2);
    exchange(2).failOnCancel(new IllegalStateException("on purpose"));
    pipeline.get("/d");
    pipeline.settle();
    pipeline.closeNow();
    assertThat(pipeline.count(Outcome.ABORTED)).isEqualTo(2);
  }

  @Test
  void sendsAllAtOnce_withoutOrderAndLimits() {
    pipeline.target(target -> target.maxInFlight(100)).order(MirrorOrder.NONE);
    for (int i = 0; i < 100; i++) {
      pipeline.open("POST", "/" + i).complete();
    }
    assertThat(sent()).hasSize(100);
    pipeline.sender().sent().forEach(exchange -> exchange.respond(Outcome.ACCEPTED));
  }

  @Test
  void eventDescribesTheOutcome() {
    List<MirrorListener.Event> events = new CopyOnWriteArrayList<>();
    pipeline.listener(events::add);
    Capture capture = pipeline.open("POST", "/path?query", "Authorization", "hush");
    capture.write(new byte[10], 0, 10);
    pipeline.advance(Duration.ofSeconds(1));
    capture.complete();
    pipeline.advance(Duration.ofSeconds(2));
    exchange(0).respond(Outcome.ACCEPTED);
    pipeline.settle();
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

  /** The capture of a slow primary keeps its copy, whose body is no longer charged. */
  @Test
  void copyThatEndsWhileItIsSentReleasesItsExchange() {
    pipeline.sender().automatic(sent -> Outcome.ACCEPTED);
    Copy copy = pipeline.pipeline().admit(Heads.head("POST", "/"), null);
    assertThat(copy).isNotNull();
    new BodyCapture(new Copy[] {copy}, -1).complete();
    pipeline.settle();
    assertThat(pipeline.count(Outcome.ACCEPTED)).isEqualTo(1);
    assertThat(copy.exchange).isNull();
  }
}
