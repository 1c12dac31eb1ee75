package io.github.requestmirror.internal.dispatch;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** Runs an event loop on the test's thread. */
final class ManualDriver implements LoopDriver {
  private final ManualClock clock;
  private @Nullable EventLoop loop;

  ManualDriver(ManualClock clock) {
    this.clock = clock;
  }

  @Override
  public void start(EventLoop loop) {
    this.loop = loop;
  }

  /** Runs a round, unless the loop has ended. */
  void runOnce() {
    EventLoop started = Objects.requireNonNull(loop, "loop");
    if (!started.isFinished()) {
      started.runOnce();
    }
  }

  /** Waits for a few rounds, then until the time has passed. */
  @Override
  public void await(CountDownLatch latch, long nanos) {
    for (int i = 0; i < 100 && latch.getCount() > 0; i++) {
      runOnce();
    }
    if (latch.getCount() > 0) {
      clock.advance(Duration.ofNanos(nanos));
      runOnce();
    }
  }

  @Override
  public boolean join(Duration atMost) {
    Objects.requireNonNull(loop, "loop").finish();
    return true;
  }
}
