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

class ClosingTest {
  @RegisterExtension final TestPipeline pipeline = new TestPipeline();

  private Thread closeWithin(Duration drain) {
    Thread closer =
        new Thread(
            () -> {
              pipeline.pipeline().startClosing();
              pipeline.pipeline().finishClosing(drain.toNanos());
            });
    closer.start();
    return closer;
  }

  private static void join(Thread thread) {
    await().until(() -> !thread.isAlive());
  }

  @Test
  void waitsForPendingCopies() {
    pipeline.target(target -> target.maxInFlight(1));
    pipeline.get("/a");
    pipeline.get("/b");
    Capture open = pipeline.open("POST", "/c");
    pipeline.settle();
    Thread closer = closeWithin(Duration.ofSeconds(30));
    await().until(() -> pipeline.get("/refused") == Capture.none());
    pipeline.sender().last().respond(Outcome.ACCEPTED);
    pipeline.settle();
    pipeline.sender().last().respond(Outcome.ACCEPTED);
    pipeline.settle();
    assertThat(closer.isAlive()).isTrue();
    open.complete();
    pipeline.settle();
    pipeline.sender().last().respond(Outcome.ACCEPTED);
    join(closer);
    assertThat(pipeline.sender().paths()).startsWith("/a", "/b");
    assertThat(pipeline.count(Outcome.CLOSED)).isEqualTo(pipeline.offered() - 3);
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
    join(closeWithin(Duration.ZERO));
    assertThat(pipeline.count(Outcome.ABORTED)).isEqualTo(2);
    assertThat(pipeline.count(Outcome.CLOSED)).isEqualTo(3);
    assertThat(pipeline.sender().sent()).allMatch(ManualSender.Sent::isCancelled);
    open.complete();
    assertThat(pipeline.count(Outcome.CLOSED)).isEqualTo(4);
    assertThat(pipeline.bufferedBytes()).isZero();
    pipeline.sender().last().respond(Outcome.ACCEPTED);
    assertThat(pipeline.count(Outcome.ACCEPTED)).isZero();
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
    long start = System.nanoTime();
    join(closeWithin(Duration.ofSeconds(30)));
    assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start)).isLessThan(10);
  }

  /** A lost wake-up of the idle thread would delay the close by the drain timeout. */
  @Test
  void closesIdlePipelineWithoutDelay() {
    for (int i = 0; i < 300; i++) {
      TestPipeline idle = new TestPipeline().target(target -> target);
      idle.pipeline();
      long start = System.nanoTime();
      idle.pipeline().startClosing();
      idle.pipeline().finishClosing(TimeUnit.SECONDS.toNanos(5));
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
    }
  }

  @Test
  void interruptEndsTheWaitAndIsPreserved() {
    pipeline.get("/hangs");
    pipeline.settle();
    Thread.currentThread().interrupt();
    pipeline.pipeline().startClosing();
    pipeline.pipeline().finishClosing(TimeUnit.MINUTES.toNanos(5));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(pipeline.count(Outcome.ABORTED)).isEqualTo(1);
  }
}
