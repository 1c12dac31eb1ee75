package io.github.requestmirror.internal.dispatch;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A daemon thread for an event loop. It ends with the loop, whatever is thrown. */
final class LoopThread implements LoopDriver {
  private final String name;
  private @Nullable Thread thread;

  LoopThread(String name) {
    this.name = name;
  }

  @Override
  public void start(EventLoop loop) {
    Thread started = new Thread(() -> run(loop), name);
    started.setDaemon(true);
    thread = started;
    started.start();
  }

  private void run(EventLoop loop) {
    while (!loop.isStopped()) {
      try {
        // Cleared: if it were set, no wait would take place and I/O would close its connection.
        boolean ignored = Thread.interrupted();
        if (!loop.runOnce()) {
          LockSupport.parkNanos(this, EventLoop.PAUSE_AFTER_FAILURE);
        }
      } catch (Throwable t) {
        // Out of memory, also for a log line: go on with the next round.
      }
    }
    loop.finish();
  }

  @Override
  public void await(CountDownLatch latch, long nanos) throws InterruptedException {
    boolean ignored = latch.await(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public boolean join(Duration atMost) {
    Thread joined = thread;
    if (joined == null || joined == Thread.currentThread()) {
      return true;
    }
    long start = System.nanoTime();
    boolean interrupted = false;
    while (joined.isAlive()) {
      long left = atMost.toNanos() - (System.nanoTime() - start);
      if (left <= 0) {
        break;
      }
      try {
        TimeUnit.NANOSECONDS.timedJoin(joined, left);
      } catch (InterruptedException e) {
        // The wait is short: continue it, then restore the interrupt.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return !joined.isAlive();
  }
}
