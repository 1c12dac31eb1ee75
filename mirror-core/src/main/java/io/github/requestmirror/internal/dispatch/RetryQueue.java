package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.internal.send.Sender;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The copies that wait for a retry, after a failed connect, a broken connection, 429 or 5xx. A copy
 * that timed out is not retried, because the target may still be processing it.
 *
 * <p>The copies keep their place in the order, so copies that depend on them wait. But they do not
 * count as in flight: a tenant over its limit must not delay the others. Confined to the
 * dispatcher's thread.
 */
final class RetryQueue {
  private static final long FIRST_BACKOFF = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long LAST_BACKOFF = TimeUnit.SECONDS.toNanos(5);
  private static final int DOUBLINGS = 6;

  private final int maxRetries;
  private final long maxQueueTime;

  /** The copies whose retry is not due. The number makes equal times distinct. */
  private final PriorityQueue<Copy> byTime =
      new PriorityQueue<>(
          // Compares differences, because nanoTime may overflow.
          ((Comparator<Copy>) (a, b) -> Long.signum(a.retryAt - b.retryAt))
              .thenComparingLong(copy -> copy.retryNumber));

  /** The copies whose retry is due. A copy is due before it expires. */
  private final AgeQueue due;

  private long offered;

  RetryQueue(int maxRetries, long maxQueueTime) {
    this.maxRetries = maxRetries;
    this.maxQueueTime = maxQueueTime;
    this.due = new AgeQueue(maxQueueTime);
  }

  int size() {
    return byTime.size() + due.size();
  }

  /** Adds the copy unless its result is final, its retries are used up or it would expire. */
  boolean offer(Copy copy, Sender.Result result, long now) {
    if (copy.retryCount == maxRetries || !isRetryable(result.outcome())) {
      return false;
    }
    long backOff = Math.min(FIRST_BACKOFF << Math.min(copy.retryCount, DOUBLINGS), LAST_BACKOFF);
    long left = copy.capturedAt + maxQueueTime - now;
    if (backOff >= left || result.retryAfter().compareTo(Duration.ofNanos(left)) >= 0) {
      return false;
    }
    copy.retryAt = now + Math.max(backOff, result.retryAfter().toNanos());
    copy.retryNumber = offered++;
    byTime.add(copy);
    copy.retryCount++;
    copy.lastResult = result;
    return true;
  }

  private static boolean isRetryable(Outcome outcome) {
    return switch (outcome) {
      case CONNECT_FAILED, IO_ERROR, THROTTLED, UNAVAILABLE -> true;
      default -> false;
    };
  }

  /** Makes the retries due whose time has come. */
  void promoteDue(long now) {
    for (Copy copy = byTime.peek(); copy != null && now - copy.retryAt >= 0; copy = byTime.peek()) {
      byTime.remove();
      due.add(copy, copy.capturedAt);
    }
  }

  /** Returns the oldest copy whose retry is due, or null. */
  @Nullable Copy firstDue() {
    return due.first();
  }

  /** Returns a copy that has exceeded the queue time, or null. */
  @Nullable Copy firstExpired(long now) {
    return due.firstExpired(now);
  }

  /** Returns a copy, or null if there is none. */
  @Nullable Copy first() {
    Copy copy = due.first();
    return copy == null ? byTime.peek() : copy;
  }

  void remove(Copy copy) {
    if (!due.remove(copy)) {
      byTime.remove(copy);
    }
  }

  /** Returns the nanoseconds until a copy is due or expires. */
  long idle(long now) {
    Copy next = byTime.peek();
    long untilDue = next == null ? Long.MAX_VALUE : next.retryAt - now;
    // A due copy that is still here waits for the in-flight limit or the circuit breaker.
    return Math.min(untilDue, due.untilExpiry(now));
  }
}
