package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.Outcome;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A circuit breaker that stops captures and copies while the target is unavailable. One failed
 * connect opens it, because connecting for each copy costs more than sending one. Ten 5xx
 * responses, timeouts or broken connections in a row open it too. A 4xx response shows that the
 * target is available.
 *
 * <p>While open, it admits one request for each back-off interval and permits one copy in flight at
 * a time, as a probe. Any response except 5xx closes it. Copies that are waiting when it opens keep
 * their place in the order.
 *
 * <p>{@link #permitsCapture} and {@link #isUp} may be called by any thread, the other methods only
 * by the dispatcher's.
 */
final class CircuitBreaker {
  private static final int FAILURES_TO_OPEN = 10;
  private static final long FIRST_BACKOFF = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long LAST_BACKOFF = TimeUnit.SECONDS.toNanos(5);

  private volatile boolean up = true;

  /** When the next request is admitted while the breaker is open. */
  private final AtomicLong admitAt = new AtomicLong();

  private int failures;
  private long backoff;
  private long sendAt;

  boolean isUp() {
    return up;
  }

  /** Returns whether to capture a new request. While open, true once for each interval. */
  boolean permitsCapture(long now) {
    if (up) {
      return true;
    }
    long at = admitAt.get();
    return now - at >= 0 && admitAt.compareAndSet(at, now + FIRST_BACKOFF);
  }

  /** Returns whether a copy may be sent now, given the number of copies in flight. */
  boolean permitsSend(long now, int inFlight) {
    return up || (inFlight == 0 && now - sendAt >= 0);
  }

  /** Returns the time from which {@link #permitsSend} permits the next probe. */
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
        // Not caused by the target.
      }
    }
  }

  private void failed(int weight, long now) {
    failures = Math.min(FAILURES_TO_OPEN, failures + weight);
    if (failures < FAILURES_TO_OPEN) {
      return;
    }
    if (!up && now - sendAt < 0) {
      // One of several copies in flight when the breaker opened: the back-off has begun.
      return;
    }
    backoff = backoff == 0 ? FIRST_BACKOFF : Math.min(2 * backoff, LAST_BACKOFF);
    sendAt = now + backoff;
    admitAt.set(sendAt);
    up = false;
  }
}
