package io.github.requestmirror.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.LogGuard;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Listeners that throw exceptions or block. */
class ListenerTest {
  @RegisterExtension final TestPipeline pipeline = new TestPipeline();
  @RegisterExtension final LogGuard log = new LogGuard();

  @Test
  void runsOnlyOnTheReportersThread() {
    List<String> threads = new CopyOnWriteArrayList<>();
    pipeline.threaded().listener(event -> threads.add(Thread.currentThread().getName()));
    pipeline.sender().automatic(sent -> Outcome.ACCEPTED);
    pipeline.get("/a");
    pipeline.open("POST", "/b").abandon(Outcome.BODY_INCOMPLETE);
    Capture open = pipeline.open("POST", "/c");
    await().until(() -> pipeline.ended() == 2);
    pipeline.closeNow();
    open.abandon(Outcome.BODY_INCOMPLETE);
    assertThat(threads).hasSize(2).containsOnly("mirror-test-reports");
  }

  @Test
  void logsExceptionsAtMostOnceInTenSeconds() {
    AtomicInteger events = new AtomicInteger();
    pipeline
        .listener(
            event -> {
              if (events.incrementAndGet() % 2 == 0) {
                throw new IllegalStateException("on purpose");
              }
              throw new AssertionError("on purpose");
            })
        .sender()
        .automatic(sent -> Outcome.ACCEPTED);
    for (int i = 0; i < 100; i++) {
      pipeline.get("/" + i);
      pipeline.settle();
    }
    assertThat(events).hasValue(100);
    assertThat(pipeline.count(Outcome.ACCEPTED)).isEqualTo(100);
    assertThat(log.warnings()).hasSize(1);
    pipeline.advance(Duration.ofSeconds(10));
    pipeline.get("/later");
    pipeline.settle();
    assertThat(log.warnings()).hasSize(2);
    assertThat(log.warnings().get(1)).contains("the listener threw an exception (101 so far)");
  }

  @Test
  void blockingListenerDelaysNeitherThePrimaryNorExceedsTheBudget() throws InterruptedException {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch blocked = new CountDownLatch(1);
    pipeline
        .threaded()
        .listener(
            event -> {
              blocked.countDown();
              awaitUnlessInterrupted(release);
            })
        .target(target -> target.bufferBytes(64 << 10).maxBodyBytes(64 << 10))
        .sender()
        .automatic(sent -> Outcome.ACCEPTED);
    pipeline.get("/first");
    blocked.await();
    long start = System.nanoTime();
    for (int i = 0; i < 20_000; i++) {
      Capture capture = pipeline.open("POST", "/" + i);
      capture.write(new byte[10], 0, 10);
      if (i % 2 == 0) {
        capture.complete();
      } else {
        capture.abandon(Outcome.BODY_INCOMPLETE);
      }
      capture.primaryResponded(200);
      assertThat(pipeline.bufferedBytes()).isLessThanOrEqualTo(64 << 10);
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    // Captures that hold memory are within the budget, including abandoned ones.
    assertThat(pipeline.ended()).isGreaterThan(19_000);
    assertThat(pipeline.count(Outcome.BODY_INCOMPLETE)).isLessThan(200);
    release.countDown();
    await().until(() -> pipeline.ended() == pipeline.offered());
  }

  @Test
  void closeInterruptsAListenerThatDoesNotReturn() throws InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    CountDownLatch blocked = new CountDownLatch(1);
    AtomicInteger events = new AtomicInteger();
    pipeline
        .threaded()
        .listener(
            event -> {
              events.incrementAndGet();
              blocked.countDown();
              awaitUnlessInterrupted(never);
            })
        .sender()
        .automatic(sent -> Outcome.ACCEPTED);
    for (int i = 0; i < 100; i++) {
      pipeline.get("/" + i);
    }
    blocked.await();
    long start = System.nanoTime();
    pipeline.closeNow();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    assertThat(pipeline.ended()).isEqualTo(100);
    assertThat(events.get()).isLessThan(100);
  }

  @Test
  void receivesOutcomesOfCopiesEndedByClose() {
    for (int round = 0; round < 20; round++) {
      List<Outcome> outcomes = new CopyOnWriteArrayList<>();
      TestPipeline closed =
          new TestPipeline()
              .threaded()
              .target(target -> target.maxInFlight(1))
              .listener(event -> outcomes.add(event.outcome()));
      closed.get("/sent");
      closed.get("/waiting");
      await().until(() -> closed.pipeline().inFlight() == 1);
      closed.closeNow();
      assertThat(outcomes)
          .as("round %s", round)
          .containsExactlyInAnyOrder(Outcome.ABORTED, Outcome.CLOSED);
    }
  }

  /** Close runs the last events while the primaries are still running. */
  @Test
  void primaryDoesNotWaitForAListenerDuringClose() throws InterruptedException {
    CountDownLatch sending = new CountDownLatch(1);
    CountDownLatch respond = new CountDownLatch(1);
    CountDownLatch listening = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    pipeline
        .threaded()
        .listener(
            event -> {
              listening.countDown();
              awaitUnlessInterrupted(release);
            })
        .sender()
        .automatic(
            sent -> {
              sending.countDown();
              awaitUnlessInterrupted(respond);
              return Outcome.ACCEPTED;
            });
    Capture open = pipeline.open("POST", "/open");
    Capture other = pipeline.open("POST", "/other");
    pipeline.get("/first");
    sending.await();
    Thread closing = new Thread(pipeline::closeNow, "closing");
    closing.start();
    // It has stopped the pipeline's thread, and waits for its end.
    await().until(() -> closing.getState() == Thread.State.TIMED_WAITING);
    other.abandon(Outcome.BODY_INCOMPLETE);
    respond.countDown();
    listening.await();
    Thread primary = new Thread(open::complete, "primary");
    primary.start();
    primary.join(500);
    assertThat(primary.isAlive()).as("the primary waits").isFalse();
    release.countDown();
    closing.join();
  }

  private static void awaitUnlessInterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
