package io.github.requestmirror.soak;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Fills the heap now and then, so that every allocation of any thread fails for a while. */
final class FullHeap extends Thread {
  private static final int LARGEST = 1 << 20;
  private static final int SMALLEST = 8;
  private static final int FULL_MILLIS = 500;
  private static final int PAUSE_MILLIS = 8000;
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final Random random;
  private final AtomicInteger times = new AtomicInteger();
  private volatile boolean stopped;

  FullHeap(Random random) {
    super("full-heap");
    setDaemon(true);
    this.random = random;
  }

  int times() {
    return times.get();
  }

  void end() throws InterruptedException {
    stopped = true;
    join();
  }

  @Override
  public void run() {
    while (!stopped) {
      waitUntil(System.nanoTime() + millis(PAUSE_MILLIS / 2 + random.nextInt(PAUSE_MILLIS)));
      long until = System.nanoTime() + millis(100 + random.nextInt(FULL_MILLIS));
      fillUntil(until);
      times.incrementAndGet();
    }
  }

  private void fillUntil(long until) {
    Object[] hog = null;
    while (!stopped && System.nanoTime() - until < 0) {
      for (int size = LARGEST; size >= SMALLEST; ) {
        try {
          hog = new Object[] {hog, new byte[size]};
        } catch (OutOfMemoryError e) {
          size /= 2;
        }
      }
      // Fills again what others have freed.
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  private void waitUntil(long time) {
    while (!stopped && System.nanoTime() - time < 0) {
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  private static long millis(int millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }
}
