package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.internal.send.Sender;
import java.time.Duration;
import java.util.Comparator;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
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

  // Compares differences, because nanoTime may overflow; the number makes equal times distinct.
  private final TreeSet<Copy> byTime =
      new TreeSet<>(
          ((Comparator<Copy>) (a, b) -> Long.signum(a.retryAt - b.retryAt))
              .thenComparing(copy -> copy.retryNumber));
  private final TreeSet<Copy> byAge =
      new TreeSet<>(
          ((Comparator<Copy>) (a, b) -> Long.signum(a.capturedAt - b.capturedAt))
              .thenComparing(copy -> copy.retryNumber));

  private long offered;
  private long polled;

  RetryQueue(int maxRetries, long maxQueueTime) {
    this.maxRetries = maxRetries;
    this.maxQueueTime = maxQueueTime;
  }

  int size() {
    return byTime.size();
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
    copy.retryCount++;
    copy.retryAt = now + Math.max(backOff, result.retryAfter().toNanos());
    copy.retryNumber = offered++;
    copy.lastResult = result;
    byTime.add(copy);
    byAge.add(copy);
    return true;
  }

  private static boolean isRetryable(Outcome outcome) {
    return switch (outcome) {
      case CONNECT_FAILED, IO_ERROR, THROTTLED, UNAVAILABLE -> true;
      default -> false;
    };
  }

  /** Removes and returns a copy whose retry is due, or returns null. */
  @Nullable Copy poll(long now) {
    if (byTime.isEmpty() || now - byTime.first().retryAt < 0) {
      return null;
    }
    Copy copy = byTime.first();
    remove(copy);
    polled++;
    return copy;
  }

  /** Returns the number of copies that {@link #poll} has returned. */
  long polled() {
    return polled;
  }

  /** Ends the copies that exceed the queue time, each with the result of its last attempt. */
  void endExpired(long now, BiConsumer<Copy, Sender.Result> end) {
    while (!byAge.isEmpty() && now - byAge.first().capturedAt >= maxQueueTime) {
      end(byAge.first(), end);
    }
  }

  /** Ends all copies, each with the result of its last attempt. */
  void endAll(BiConsumer<Copy, Sender.Result> end) {
    while (!byAge.isEmpty()) {
      end(byAge.first(), end);
    }
  }

  private void end(Copy copy, BiConsumer<Copy, Sender.Result> end) {
    remove(copy);
    Sender.Result last = copy.lastResult;
    if (last != null) {
      end.accept(copy, last);
    }
  }

  private void remove(Copy copy) {
    byTime.remove(copy);
    byAge.remove(copy);
  }

  /** Returns the nanoseconds until a copy is due or expires. */
  long idle(long now) {
    if (byTime.isEmpty()) {
      return Long.MAX_VALUE;
    }
    long untilExpiry = byAge.first().capturedAt + maxQueueTime - now;
    long untilDue = byTime.first().retryAt - now;
    // A due copy that is still here waits for the in-flight limit or the circuit breaker.
    return untilDue > 0 ? Math.min(untilDue, untilExpiry) : untilExpiry;
  }
}
