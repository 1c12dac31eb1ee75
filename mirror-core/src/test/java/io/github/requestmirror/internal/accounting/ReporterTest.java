package io.github.requestmirror.internal.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Headers;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.RequestHead;
import io.github.requestmirror.testing.Conservation;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each event is reported or discarded, and its memory is released once. */
class ReporterTest {
  private static final int EVENTS = 5000;
  private static final EndEvent EVENT =
      new EndEvent(
          "test",
          RequestHead.of("GET", "/", null, Headers.of()),
          Outcome.ACCEPTED,
          204,
          null,
          0,
          Duration.ZERO,
          null);

  private final AtomicInteger reported = new AtomicInteger();
  private final AtomicInteger released = new AtomicInteger();
  private final CountDownLatch release = new CountDownLatch(1);

  @AfterEach
  void noThreadIsLeft() {
    Conservation.awaitNoThreads();
  }

  private Reporter reporter(boolean blocks) {
    return Reporter.start(
        "test",
        event -> {
          reported.incrementAndGet();
          if (blocks) {
            awaitUnlessInterrupted();
          }
        },
        System::nanoTime);
  }

  private void awaitUnlessInterrupted() {
    try {
      release.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void discardsEventsBeyondTheBacklog() {
    Reporter reporter = reporter(true);
    for (int i = 0; i < EVENTS; i++) {
      reporter.ended(EVENT, released::incrementAndGet);
    }
    // All but one that the listener has and those that wait.
    assertThat(released.get()).isBetween(EVENTS - 1025, EVENTS - 1024);
    release.countDown();
    await().until(() -> released.get() == EVENTS);
    reporter.close(Duration.ofSeconds(20));
    assertThat(reported.get()).isBetween(1024, 1025);
    assertThat(released).hasValue(EVENTS);
  }

  @Test
  void closeReleasesTheEventsThatAreNotReported() {
    Reporter reporter = reporter(true);
    for (int i = 0; i < EVENTS; i++) {
      reporter.ended(EVENT, released::incrementAndGet);
    }
    reporter.close(Duration.ofMillis(100));
    await().until(() -> released.get() == EVENTS);
    assertThat(reported).hasValue(1);
    reporter.ended(EVENT, released::incrementAndGet);
    assertThat(released).hasValue(EVENTS + 1);
  }

  /** As when the operating system refuses another thread. */
  @Test
  void discardsEventsAndLinesWhenNoThreadCanBeStarted() {
    Reporter reporter =
        Reporter.start(
            "test",
            event -> reported.incrementAndGet(),
            System::nanoTime,
            task -> {
              throw new InternalError("no thread can be started, on purpose");
            });
    reporter.ended(EVENT, released::incrementAndGet);
    reporter.execute(reported::incrementAndGet);
    reporter.close(Duration.ofSeconds(20));
    assertThat(released).hasValue(1);
    assertThat(reported).hasValue(0);
  }
}
