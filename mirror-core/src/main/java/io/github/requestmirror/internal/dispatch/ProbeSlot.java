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

  /** Takes the slot; returns the lease, or 0 if the slot is taken. */
  long take(long now) {
    long until = leasedUntil.get();
    if (until != FREE && now - until < 0) {
      return FREE;
    }
    long end = now + LEASE;
    long lease = end == FREE ? 1 : end;
    return leasedUntil.compareAndSet(until, lease) ? lease : FREE;
  }

  /** Ends a lease. Has no effect if another request has the slot already. */
  void free(long lease) {
    leasedUntil.compareAndSet(lease, FREE);
  }
}
