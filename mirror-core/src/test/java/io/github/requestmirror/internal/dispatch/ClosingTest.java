package io.github.requestmirror.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Capture;
import io.github.requestmirror.MirrorOrder;
import io.github.requestmirror.Outcome;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClosingTest {
  @RegisterExtension final TestPipeline pipeline = new TestPipeline();

  private void closeWithin(Duration drain) {
    pipeline.pipeline().startClosing();
    pipeline.pipeline().finishClosing(drain.toNanos());
  }

  @Test
  void waitsForPendingCopies() {
    pipeline.target(target -> target.maxInFlight(1));
    pipeline.get("/a");
    pipeline.get("/b");
    Capture open = pipeline.open("POST", "/c");
    pipeline.settle();
    // The primary of the last request ends it while the pipeline is closing.
    pipeline
        .sender()
        .automatic(
            sent -> {
              open.complete();
              return Outcome.ACCEPTED;
            });
    pipeline.sender().last().respond(Outcome.ACCEPTED);
    pipeline.pipeline().startClosing();
    assertThat(pipeline.get("/refused")).isSameAs(Capture.none());
    pipeline.pipeline().finishClosing(Duration.ofSeconds(30).toNanos());
    assertThat(pipeline.sender().paths()).containsExactly("/a", "/b", "/c");
    assertThat(pipeline.count(Outcome.CLOSED)).isEqualTo(1);
    assertThat(pipeline.count(Outcome.ACCEPTED)).isEqualTo(3);
  }

  @Test
  void endsRemainingCopiesAfterTheTimeout() {
    pipeline.target(target -> target.maxInFlight(2)).order(MirrorOrder.NONE);
    for (int i = 0; i < 5; i++) {
      pipeline.get("/" + i);
    }
    Capture open = pipeline.open("POST", "/open");
    open.write(new byte[1000], 0, 1000);
    pipeline.settle();
    closeWithin(Duration.ZERO);
    assertThat(pipeline.count(Outcome.ABORTED)).isEqualTo(2);
    assertThat(pipeline.count(Outcome.CLOSED)).isEqualTo(3);
    assertThat(pipeline.sender().sent()).allMatch(ManualSender.Sent::isCancelled);
    open.complete();
    assertThat(pipeline.count(Outcome.CLOSED)).isEqualTo(4);
    assertThat(pipeline.bufferedBytes()).isZero();
    pipeline.sender().last().respond(Outcome.ACCEPTED);
    assertThat(pipeline.count(Outcome.ACCEPTED)).isZero();
  }

  /** The request that closes the mirror may be mirrored itself. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void waitsAtMostOneSecondForOpenAndHeldCaptures(boolean held) {
    pipeline.threaded().sender().automatic(sent -> Outcome.ACCEPTED);
    Capture open = pipeline.open("POST", "/open");
    if (held) {
      open.hold();
      open.complete();
    }
    pipeline.get("/other");
    await().until(() -> pipeline.count(Outcome.ACCEPTED) == 1);
    pipeline.pipeline().startClosing();
    pipeline.clock().advance(Duration.ofSeconds(1));
    long start = System.nanoTime();
    pipeline.pipeline().finishClosing(TimeUnit.SECONDS.toNanos(60));
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
    open.complete();
    open.primaryResponded(200);
    assertThat(pipeline.count(Outcome.CLOSED)).isEqualTo(1);
  }

  @Test
  void countsCaptureAbandonedAfterClose() {
    Capture open = pipeline.open("POST", "/open");
    pipeline.closeNow();
    open.write(new byte[1000], 0, 1000);
    open.primaryResponded(200);
    open.abandon(Outcome.BODY_UNSUPPORTED);
    assertThat(pipeline.count(Outcome.BODY_UNSUPPORTED)).isEqualTo(1);
    assertThat(pipeline.bufferedBytes()).isZero();
  }

  @Test
  void doesNotWaitWithoutPendingCopies() {
    pipeline.get("/");
    pipeline.settle();
    pipeline.sender().last().respond(Outcome.ACCEPTED);
    pipeline.settle();
    long before = pipeline.clock().getAsLong();
    closeWithin(Duration.ofSeconds(30));
    assertThat(pipeline.clock().getAsLong()).isEqualTo(before);
  }

  /** A lost wake-up of the idle thread would delay the close by the drain timeout. */
  @Test
  void closesIdlePipelineWithoutDelay() {
    for (int i = 0; i < 300; i++) {
      TestPipeline idle = new TestPipeline().threaded();
      idle.pipeline();
      long start = System.nanoTime();
      idle.pipeline().startClosing();
      idle.pipeline().finishClosing(TimeUnit.SECONDS.toNanos(5));
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
    }
  }

  @Test
  void interruptEndsTheWaitAndIsPreserved() {
    pipeline.threaded().get("/hangs");
    await().until(() -> pipeline.sender().sent().size() == 1);
    Thread.currentThread().interrupt();
    pipeline.pipeline().startClosing();
    pipeline.pipeline().finishClosing(TimeUnit.MINUTES.toNanos(5));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(pipeline.count(Outcome.ABORTED)).isEqualTo(1);
  }
}
