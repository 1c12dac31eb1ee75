package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.Outcome;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Whether the target is worth a copy: a circuit breaker over unavailability. A failed connect opens
 * it at once, since a refused connection per copy costs more than a responded copy; a run of 5xx,
 * timeouts or broken connections opens it too. What the target rejects says nothing about its
 * breaker.
 *
 * <p>While open, one request per back-off is admitted and one copy at a time is sent; the first
 * sign of life closes it. The order keeps newer copies behind those that waited meanwhile.
 *
 * <p>Results come from the dispatcher's thread; {@link #permitsCapture} is called by any.
 */
final class CircuitBreaker {
  private static final int FAILURES_TO_OPEN = 10;
  private static final long FIRST_BACKOFF = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long LAST_BACKOFF = TimeUnit.SECONDS.toNanos(5);

  private volatile boolean up = true;

  /** When the next request is admitted although the target is down. */
  private final AtomicLong admitAt = new AtomicLong();

  private int failures;
  private long backoff;
  private long sendAt;

  boolean isUp() {
    return up;
  }

  /** Tells whether a new request is worth capturing; permitsCapture one per back-off while down. */
  boolean permitsCapture(long now) {
    if (up) {
      return true;
    }
    long at = admitAt.get();
    return now - at >= 0 && admitAt.compareAndSet(at, now + FIRST_BACKOFF);
  }

  /** Tells whether a copy may be sent now, given how many are without a response. */
  boolean permitsSend(long now, int inFlight) {
    return up || (inFlight == 0 && now - sendAt >= 0);
  }

  /** Returns when {@link #permitsSend} may become true by time alone. */
  long sendAt() {
    return sendAt;
  }

  void ended(Outcome outcome, long now) {
    switch (outcome) {
      case ACCEPTED, REJECTED, THROTTLED -> {
        failures = 0;
        backoff = 0;
        up = true;
      }
      case CONNECT_FAILED -> failed(FAILURES_TO_OPEN, now);
      case UNAVAILABLE, TIMEOUT, IO_ERROR, INTERNAL_ERROR -> failed(1, now);
      default -> {
        // Ended without the target's doing.
      }
    }
  }

  private void failed(int weight, long now) {
    failures = Math.min(FAILURES_TO_OPEN, failures + weight);
    if (failures < FAILURES_TO_OPEN) {
      return;
    }
    if (!up && now - sendAt < 0) {
      // One of several that were in flight together: the back-off has begun.
      return;
    }
    backoff = backoff == 0 ? FIRST_BACKOFF : Math.min(2 * backoff, LAST_BACKOFF);
    sendAt = now + backoff;
    admitAt.set(sendAt);
    up = false;
  }
}
