package io.github.requestmirror.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.testing.ThrowingLogger;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The loop with a continuous stream of events, and with events that misbehave. */
class EventLoopTest {
  private final EventLoop loop = new EventLoop("mirror-loop", new ManualSender(), Runnable::run);
  private final AtomicInteger turns = new AtomicInteger();
  private volatile boolean streaming = true;

  private void start() {
    loop.start(
        () -> {
          turns.incrementAndGet();
          return TimeUnit.HOURS.toNanos(1);
        });
  }

  @AfterEach
  void stop() {
    streaming = false;
    assertThat(loop.stop(Duration.ofSeconds(10))).isTrue();
  }

  private void resubmit() {
    if (streaming) {
      loop.submit(this::resubmit);
    }
  }

  @Test
  void streamOfEventsDoesNotDelayTurns() {
    start();
    loop.submit(this::resubmit);
    await().until(() -> turns.get() > 10);
  }

  @Test
  void doesNotBusyLoop_afterAnEventInterruptsTheThread() {
    start();
    await().until(() -> turns.get() >= 1);
    loop.submit(() -> Thread.currentThread().interrupt());
    await().until(() -> turns.get() >= 2);
    int soFar = turns.get();
    await().during(Duration.ofMillis(200)).until(() -> turns.get() <= soFar + 2);
  }

  @Test
  void threadSurvivesExceptionsOfEventsTurnsAndLoggers() {
    AtomicInteger failures = new AtomicInteger();
    loop.start(
        () -> {
          turns.incrementAndGet();
          if (streaming) {
            failures.incrementAndGet();
            throw new IllegalStateException("turn failed on purpose");
          }
          return TimeUnit.HOURS.toNanos(1);
        });
    try (ThrowingLogger logger = new ThrowingLogger()) {
      loop.submit(
          () -> {
            throw new AssertionError("event failed on purpose");
          });
      await().until(() -> failures.get() >= 3 && logger.thrown() >= 4);
    }
    streaming = false;
    CompletableFuture<Thread> ranOn = new CompletableFuture<>();
    loop.submit(() -> ranOn.complete(Thread.currentThread()));
    await().until(ranOn::isDone);
    assertThat(ranOn.join().getName()).isEqualTo("mirror-loop");
  }

  @Test
  void runsEventsSubmittedBeforeStopOnTheLoopsThread() {
    Thread[] ranOn = new Thread[1];
    loop.submit(() -> ranOn[0] = Thread.currentThread());
    start();
    assertThat(loop.stop(Duration.ofSeconds(10))).isTrue();
    assertThat(ranOn[0].getName()).isEqualTo("mirror-loop");
  }
}
