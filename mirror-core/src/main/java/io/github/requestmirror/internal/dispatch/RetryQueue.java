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
 * Copies to be sent again: those the target refused for the time being, could not be reached for,
 * or whose connection broke. What timed out is not among them, as the target may still be at it.
 *
 * <p>They keep their place in the order, so what depends on them waits, but not in flight: a tenant
 * over its limit must not hold up the others. Confined to the dispatcher's thread.
 */
final class RetryQueue {
  private static final long FIRST_BACKOFF = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long LAST_BACKOFF = TimeUnit.SECONDS.toNanos(5);
  private static final int DOUBLINGS = 6;

  private final int max;
  private final long maxQueueTime;

  // The times are of a clock that may wrap around, and two copies may have the same.
  private final TreeSet<Copy> byTime =
      new TreeSet<>(
          ((Comparator<Copy>) (a, b) -> Long.signum(a.retryAt - b.retryAt))
              .thenComparing(copy -> copy.retryNumber));
  private final TreeSet<Copy> byAge =
      new TreeSet<>(
          ((Comparator<Copy>) (a, b) -> Long.signum(a.capturedAt - b.capturedAt))
              .thenComparing(copy -> copy.retryNumber));

  private long kept;
  private long polled;

  RetryQueue(int max, long maxQueueTime) {
    this.max = max;
    this.maxQueueTime = maxQueueTime;
  }

  int size() {
    return byTime.size();
  }

  /** Takes the copy for another attempt; returns false when this one was the last. */
  boolean keep(Copy copy, Sender.Result result, long now) {
    if (copy.retryCount == max || !isForTheTimeBeing(result.outcome())) {
      return false;
    }
    long backOff = Math.min(FIRST_BACKOFF << Math.min(copy.retryCount, DOUBLINGS), LAST_BACKOFF);
    long left = copy.capturedAt + maxQueueTime - now;
    if (backOff >= left || result.retryAfter().compareTo(Duration.ofNanos(left)) >= 0) {
      return false;
    }
    copy.retryCount++;
    copy.retryAt = now + Math.max(backOff, result.retryAfter().toNanos());
    copy.retryNumber = kept++;
    copy.lastResult = result;
    byTime.add(copy);
    byAge.add(copy);
    return true;
  }

  private static boolean isForTheTimeBeing(Outcome outcome) {
    return switch (outcome) {
      case CONNECT_FAILED, IO_ERROR, THROTTLED, UNAVAILABLE -> true;
      default -> false;
    };
  }

  /** Takes a copy whose time has come, or returns null. */
  @Nullable Copy poll(long now) {
    if (byTime.isEmpty() || now - byTime.first().retryAt < 0) {
      return null;
    }
    Copy copy = byTime.first();
    remove(copy);
    polled++;
    return copy;
  }

  /** Returns how often {@link #poll} took a copy. */
  long polled() {
    return polled;
  }

  /** Ends the copies that grew too old, each as its last attempt did. */
  void endExpired(long now, BiConsumer<Copy, Sender.Result> end) {
    while (!byAge.isEmpty() && now - byAge.first().capturedAt >= maxQueueTime) {
      end(byAge.first(), end);
    }
  }

  /** Ends all, each as its last attempt did. */
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

  /** Returns for how many nanoseconds there is nothing to do. */
  long idle(long now) {
    if (byTime.isEmpty()) {
      return Long.MAX_VALUE;
    }
    long untilExpiry = byAge.first().capturedAt + maxQueueTime - now;
    long untilDue = byTime.first().retryAt - now;
    // What is due and still here waits for a place in flight or the target's breaker.
    return untilDue > 0 ? Math.min(untilDue, untilExpiry) : untilExpiry;
  }
}
