package io.github.requestmirror.internal.dispatch;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Permits one request at a time, as a probe. A probe that does not end, for example because its
 * client stalls, loses the slot after a while. Thread-safe.
 */
final class ProbeSlot {
  private static final long LEASE = TimeUnit.SECONDS.toNanos(5);
  private static final long FREE = 0;

  /** When the lease ends. */
  private final AtomicLong leasedUntil = new AtomicLong(FREE);

  /** Takes the slot; returns false if it is taken. */
  boolean take(long now) {
    long until = leasedUntil.get();
    long end = now + LEASE;
    return (until == FREE || now - until >= 0)
        && leasedUntil.compareAndSet(until, end == FREE ? 1 : end);
  }

  void free() {
    leasedUntil.set(FREE);
  }
}
