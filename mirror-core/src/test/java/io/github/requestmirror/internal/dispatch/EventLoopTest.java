package io.github.requestmirror.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.internal.accounting.GuardedLog;
import io.github.requestmirror.testing.Heads;
import io.github.requestmirror.testing.ThrowingLogger;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A loop on its thread, with a continuous stream of events, and with work that misbehaves. */
class EventLoopTest {
  /** Makes the events; another loop processes them. */
  @RegisterExtension final TestPipeline pipeline = new TestPipeline();

  private final ManualSender sender = new ManualSender();
  private final EventLoop loop =
      new EventLoop(
          "mirror-loop",
          sender,
          new LoopThread("mirror-loop"),
          new GuardedLog(EventLoop.class, Runnable::run));
  private final AtomicInteger turns = new AtomicInteger();
  private volatile boolean misbehaving = true;

  EventLoopTest() {
    sender.blockInAwait();
  }

  private CopyEvent event() {
    Copy copy = pipeline.pipeline().admit(Heads.head("GET", "/"), null);
    assertThat(copy).isNotNull();
    // Ends it, with an event of its own loop.
    copy.abandon(Outcome.BODY_INCOMPLETE, 0, null);
    return copy.event(CopyEvent.Kind.CAPTURED);
  }

  private void start(Consumer<CopyEvent> onEvent) {
    loop.start(
        new EventLoop.Work() {
          @Override
          public void process(CopyEvent event) {
            onEvent.accept(event);
          }

          @Override
          public long turn() {
            turns.incrementAndGet();
            return TimeUnit.HOURS.toNanos(1);
          }

          @Override
          public void close() {}
        });
  }

  @AfterEach
  void stop() {
    misbehaving = false;
    loop.stop();
    assertThat(loop.driver().join(Duration.ofSeconds(10))).isTrue();
    assertThat(sender.isClosed()).isTrue();
  }

  @Test
  void streamOfEventsDoesNotDelayTurns() {
    start(
        event -> {
          if (misbehaving) {
            loop.submit(event);
          }
        });
    loop.submit(event());
    await().until(() -> turns.get() > 10);
  }

  @Test
  void doesNotBusyLoop_afterAnEventInterruptsTheThread() {
    start(event -> Thread.currentThread().interrupt());
    await().until(() -> turns.get() >= 1);
    loop.submit(event());
    await().until(() -> turns.get() >= 2);
    int soFar = turns.get();
    await().during(Duration.ofMillis(200)).until(() -> turns.get() <= soFar + 2);
  }

  @Test
  void threadSurvivesExceptionsOfItsWorkTheSenderAndLoggers() {
    List<Thread> processedOn = new CopyOnWriteArrayList<>();
    AtomicInteger failures = new AtomicInteger();
    loop.start(
        new EventLoop.Work() {
          @Override
          public void process(CopyEvent event) {
            if (misbehaving) {
              throw new AssertionError("event failed on purpose");
            }
            processedOn.add(Thread.currentThread());
          }

          @Override
          public long turn() {
            if (misbehaving) {
              failures.incrementAndGet();
              throw new IllegalStateException("turn failed on purpose");
            }
            return TimeUnit.HOURS.toNanos(1);
          }

          @Override
          public void close() {}
        });
    try (ThrowingLogger logger = new ThrowingLogger()) {
      loop.submit(event());
      await().until(() -> failures.get() >= 3 && logger.thrown() >= 4);
      sender.failAwaitWith(new InternalError("I/O failed on purpose"));
      await().until(() -> sender.failedAwaits() >= 3);
    }
    sender.failAwaitWith(null);
    misbehaving = false;
    loop.submit(event());
    await().until(() -> processedOn.size() == 1);
    assertThat(processedOn.get(0).getName()).isEqualTo("mirror-loop");
  }

  @Test
  void processesEventsSubmittedBeforeStopOnTheLoopsThread() {
    Thread[] ranOn = new Thread[1];
    loop.submit(event());
    start(event -> ranOn[0] = Thread.currentThread());
    loop.stop();
    assertThat(loop.driver().join(Duration.ofSeconds(10))).isTrue();
    assertThat(ranOn[0].getName()).isEqualTo("mirror-loop");
  }
}
