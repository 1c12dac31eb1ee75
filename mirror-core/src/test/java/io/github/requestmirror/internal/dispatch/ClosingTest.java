package io.github.requestmirror.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Order;
import io.github.requestmirror.Outcome;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ClosingTest {
  @RegisterExtension final TestLeg leg = new TestLeg();

  private Thread closeWithin(Duration drain) {
    Thread closer =
        new Thread(
            () -> {
              leg.leg().startClosing();
              leg.leg().finishClosing(drain.toNanos());
            });
    closer.start();
    return closer;
  }

  private static void join(Thread thread) {
    await().until(() -> !thread.isAlive());
  }

  @Test
  void drainWaitsForWhatIsPending() {
    leg.target(target -> target.maxInFlight(1));
    leg.get("/a");
    leg.get("/b");
    Capture open = leg.open("POST", "/c");
    leg.settle();
    Thread closer = closeWithin(Duration.ofSeconds(30));
    await().until(() -> leg.get("/refused") == Capture.none());
    leg.sender().last().answer(Outcome.ACCEPTED);
    leg.settle();
    leg.sender().last().answer(Outcome.ACCEPTED);
    leg.settle();
    assertThat(closer.isAlive()).isTrue();
    open.complete();
    leg.settle();
    leg.sender().last().answer(Outcome.ACCEPTED);
    join(closer);
    assertThat(leg.sender().paths()).startsWith("/a", "/b");
    assertThat(leg.count(Outcome.CLOSED)).isEqualTo(leg.offered() - 3);
    assertThat(leg.count(Outcome.ACCEPTED)).isEqualTo(3);
  }

  @Test
  void afterTheDrainTimeTheRestIsClosedOrAborted() {
    leg.target(target -> target.maxInFlight(2)).order(Order.NONE);
    for (int i = 0; i < 5; i++) {
      leg.get("/" + i);
    }
    Capture open = leg.open("POST", "/open");
    open.write(new byte[1000], 0, 1000);
    leg.settle();
    join(closeWithin(Duration.ZERO));
    assertThat(leg.count(Outcome.ABORTED)).isEqualTo(2);
    assertThat(leg.count(Outcome.CLOSED)).isEqualTo(3);
    assertThat(leg.sender().sent()).allMatch(ManualSender.Sent::isCancelled);
    open.complete();
    assertThat(leg.count(Outcome.CLOSED)).isEqualTo(4);
    assertThat(leg.bufferedBytes()).isZero();
    leg.sender().last().answer(Outcome.ACCEPTED);
    assertThat(leg.count(Outcome.ACCEPTED)).isZero();
  }

  @Test
  void captureOpenedBeforeAndAbandonedAfterTheEndIsCounted() {
    Capture open = leg.open("POST", "/open");
    leg.closeNow();
    open.write(new byte[1000], 0, 1000);
    open.primaryAnswered(200);
    open.abandon(Outcome.BODY_UNSUPPORTED);
    assertThat(leg.count(Outcome.BODY_UNSUPPORTED)).isEqualTo(1);
    assertThat(leg.bufferedBytes()).isZero();
  }

  @Test
  void nothingPendingNeedsNoDrain() {
    leg.get("/");
    leg.settle();
    leg.sender().last().answer(Outcome.ACCEPTED);
    leg.settle();
    long start = System.nanoTime();
    join(closeWithin(Duration.ofSeconds(30)));
    assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start)).isLessThan(10);
  }

  /** The wake-up of an idle thread must not be lost; each lost one would cost the drain time. */
  @Test
  void closingAnIdleLegIsQuickEveryTime() {
    for (int i = 0; i < 300; i++) {
      TestLeg idle = new TestLeg().target(target -> target);
      idle.leg();
      long start = System.nanoTime();
      idle.leg().startClosing();
      idle.leg().finishClosing(TimeUnit.SECONDS.toNanos(5));
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
    }
  }

  @Test
  void interruptEndsTheDrainAndIsKept() {
    leg.get("/hangs");
    leg.settle();
    Thread.currentThread().interrupt();
    leg.leg().startClosing();
    leg.leg().finishClosing(TimeUnit.MINUTES.toNanos(5));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(leg.count(Outcome.ABORTED)).isEqualTo(1);
  }
}
