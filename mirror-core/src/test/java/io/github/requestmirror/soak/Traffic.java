package io.github.requestmirror.soak;

import io.github.requestmirror.Mirror;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Starts about 80 requests a second and keeps up to 48 open, also while the heap is full. */
final class Traffic extends Thread {
  private static final int SLOTS = 48;
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(3);
  private static final int TICKS_FOR_A_REQUEST = 4;

  private final Mirror mirror;
  private final Payloads payloads;
  private final Random random;
  private final AtomicLong started = new AtomicLong();
  private final AtomicLong thrownByMirror = new AtomicLong();
  private final TrafficRequest[] slots = new TrafficRequest[SLOTS];
  private volatile boolean stopped;

  Traffic(Mirror mirror, Payloads payloads, Random random) {
    super("traffic");
    setDaemon(true);
    this.mirror = mirror;
    this.payloads = payloads;
    this.random = random;
    for (int i = 0; i < SLOTS; i++) {
      slots[i] = new TrafficRequest();
    }
  }

  /** Returns the number of calls of {@link Mirror#capture}. */
  long started() {
    return started.get();
  }

  long thrownByMirror() {
    return thrownByMirror.get();
  }

  /** No new requests; the open ones end. */
  void end() throws InterruptedException {
    stopped = true;
    join();
  }

  /** Ends a request from outside. */
  void interfere(Random other) {
    slots[other.nextInt(SLOTS)].interfere(other);
  }

  @Override
  public void run() {
    while (!stopped) {
      long now = System.nanoTime();
      for (TrafficRequest slot : slots) {
        // This thread may run out of memory, but a call of the mirror must not throw.
        try {
          if (slot.isDue(now)) {
            slot.step(random, now);
          } else if (slot.isFree() && random.nextInt(TICKS_FOR_A_REQUEST * SLOTS) == 0) {
            start(slot, now);
          }
        } catch (Throwable t) {
          finish(slot);
        }
      }
      LockSupport.parkNanos(TICK_NANOS);
    }
    for (TrafficRequest slot : slots) {
      finish(slot);
    }
  }

  private void start(TrafficRequest slot, long now) {
    boolean isGet = random.nextInt(4) == 0;
    Payloads.Payload payload = isGet ? payloads.get(random) : payloads.post(random);
    slot.plan(payload.body(), random);
    started.incrementAndGet();
    slot.start(mirror, payload, random.nextInt(8) == 0, now);
  }

  private void finish(TrafficRequest slot) {
    try {
      if (slot.hasFailedInMirror()) {
        thrownByMirror.incrementAndGet();
      }
      slot.finish();
    } catch (Throwable t) {
      thrownByMirror.incrementAndGet();
    }
  }
}
