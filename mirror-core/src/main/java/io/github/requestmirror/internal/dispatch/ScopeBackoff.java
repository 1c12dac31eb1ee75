package io.github.requestmirror.internal.dispatch;

import org.jspecify.annotations.Nullable;

/**
 * A scope whose copies have failed in a row. After some failures it backs off: for a while none of
 * its copies is sent, and then one at a time until one succeeds.
 *
 * <p>{@link #isBackingOff}, {@link #until} and the slot may be used by any thread, the rest by the
 * dispatcher's.
 */
final class ScopeBackoff {
  final ProbeSlot slot = new ProbeSlot();
  private volatile boolean backingOff;
  private volatile long until;

  private int failures;
  private long delay;
  private long startedAt;
  private long lastFailureAt;

  /** The copy in flight that shows whether the scope is available again. */
  private @Nullable Object probe;

  boolean isBackingOff() {
    return backingOff;
  }

  /** Returns the time from which a probe is permitted. Only while backing off. */
  long until() {
    return until;
  }

  long lastFailureAt() {
    return lastFailureAt;
  }

  /** Counts a failure; returns the number in a row. */
  int failed(long now) {
    lastFailureAt = now;
    failures = Math.min(failures + 1, Integer.MAX_VALUE - 1);
    return failures;
  }

  /**
   * Starts or extends the back-off, unless the copy was sent before it: what was in flight together
   * counts once.
   */
  void backOff(BackoffDelays delays, long sentAt, long now) {
    if (backingOff && sentAt - startedAt <= 0) {
      return;
    }
    delay = delays.next(delay);
    pauseUntil(now + delays.jittered(delay), now);
  }

  /** Backs off as long as the target has asked for. */
  void pauseUntil(long time, long now) {
    if (!backingOff || time - until > 0) {
      until = time;
    }
    startedAt = now;
    backingOff = true;
  }

  /**
   * Returns the nanoseconds until a copy may be sent; Long.MAX_VALUE while a probe is in flight.
   */
  long untilSend(long now) {
    if (!backingOff) {
      return 0;
    }
    return probe != null ? Long.MAX_VALUE : until - now;
  }

  void sent(Object copy) {
    if (backingOff) {
      probe = copy;
    }
  }

  void ended(Object copy) {
    if (probe == copy) {
      probe = null;
    }
  }
}
