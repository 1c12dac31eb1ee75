package io.github.requestmirror.internal.dispatch;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/**
 * Runs the rounds of an event loop one after another: on a thread of its own, or in tests on the
 * test's thread.
 */
interface LoopDriver {

  /** Starts to call {@link EventLoop#runOnce}, and {@link EventLoop#finish} after the stop. */
  void start(EventLoop loop);

  /** Waits for the latch while the loop runs. */
  void await(CountDownLatch latch, long nanos) throws InterruptedException;

  /**
   * Waits for the end of a loop that has been stopped, unless called by its thread.
   *
   * @return false if the wait timed out
   */
  boolean join(Duration atMost);
}
