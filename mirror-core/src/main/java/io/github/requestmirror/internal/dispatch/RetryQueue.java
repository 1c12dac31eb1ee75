package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.internal.send.Sender;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The copies that wait until their retry is due, after a failed connect, a broken connection, 429
 * or 5xx. A copy that timed out is not retried, because the target may still be processing it.
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

  /** The number makes equal times distinct. */
  private final PriorityQueue<Copy> byTime =
      new PriorityQueue<>(
          // Compares differences, because nanoTime may overflow.
          ((Comparator<Copy>) (a, b) -> Long.signum(a.retryAt - b.retryAt))
              .thenComparingLong(copy -> copy.retryNumber));

  private long offered;

  RetryQueue(int maxRetries, long maxQueueTime) {
    this.maxRetries = maxRetries;
    this.maxQueueTime = maxQueueTime;
  }

  int size() {
    return byTime.size();
  }

  /** Returns whether the result is not final, retries are left and the copy would not expire. */
  boolean permits(Copy copy, Sender.Result result, long now) {
    if (copy.retryCount == maxRetries || !isRetryable(result.outcome())) {
      return false;
    }
    long left = copy.releasedAt + maxQueueTime - now;
    return backOff(copy) < left && result.retryAfter().compareTo(Duration.ofNanos(left)) < 0;
  }

  private static long backOff(Copy copy) {
    return Math.min(FIRST_BACKOFF << Math.min(copy.retryCount, DOUBLINGS), LAST_BACKOFF);
  }

  /** Adds the copy if its retry is permitted. */
  boolean offer(Copy copy, Sender.Result result, long now) {
    if (!permits(copy, result, now)) {
      return false;
    }
    copy.retryAt = now + Math.max(backOff(copy), result.retryAfter().toNanos());
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

  /** Removes and returns a copy whose retry is due, or returns null. */
  @Nullable Copy pollDue(long now) {
    Copy next = byTime.peek();
    return next == null || now - next.retryAt < 0 ? null : byTime.poll();
  }

  /** Returns a copy, or null if there is none. */
  @Nullable Copy first() {
    return byTime.peek();
  }

  void remove(Copy copy) {
    byTime.remove(copy);
  }

  /** Returns the nanoseconds until a retry is due; Long.MAX_VALUE if there is none. */
  long untilDue(long now) {
    Copy next = byTime.peek();
    return next == null ? Long.MAX_VALUE : next.retryAt - now;
  }
}
