package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.internal.send.Sender;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Copies to be sent again: those the target refused for the time being, could not be reached for,
 * or whose connection broke. What timed out is not among them, as the target may still be at it.
 *
 * <p>They keep their place in the order, so what depends on them waits, and in flight, so a target
 * in trouble is not given others in their stead. Confined to the dispatcher's thread.
 */
final class Retries {
  private static final long FIRST_BACKOFF = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long LAST_BACKOFF = TimeUnit.SECONDS.toNanos(5);
  private static final int DOUBLINGS = 6;

  private final int max;
  private final long maxAge;
  private final PriorityQueue<Copy> waiting =
      new PriorityQueue<>((a, b) -> Long.signum(a.retryAt - b.retryAt));

  /** No copy that waits grows too old before this. */
  private long nextExpiry;

  private long polled;

  Retries(int max, long maxAge) {
    this.max = max;
    this.maxAge = maxAge;
  }

  int size() {
    return waiting.size();
  }

  /** Takes the copy for another attempt; returns false when this one was the last. */
  boolean keep(Copy copy, Sender.Result result, long now) {
    if (copy.retries == max || !isForTheTimeBeing(result.outcome())) {
      return false;
    }
    long backOff = Math.min(FIRST_BACKOFF << Math.min(copy.retries, DOUBLINGS), LAST_BACKOFF);
    long left = copy.capturedAt + maxAge - now;
    if (backOff >= left || result.retryAfter().compareTo(Duration.ofNanos(left)) >= 0) {
      return false;
    }
    copy.retries++;
    copy.retryAt = now + Math.max(backOff, result.retryAfter().toNanos());
    copy.lastResult = result;
    add(copy);
    return true;
  }

  private void add(Copy copy) {
    long expiry = copy.capturedAt + maxAge;
    if (waiting.isEmpty() || expiry - nextExpiry < 0) {
      nextExpiry = expiry;
    }
    waiting.add(copy);
  }

  private static boolean isForTheTimeBeing(Outcome outcome) {
    return switch (outcome) {
      case CONNECT_FAILED, IO_ERROR, THROTTLED, UNAVAILABLE -> true;
      default -> false;
    };
  }

  /** Takes a copy whose time has come, or returns null. */
  @Nullable Copy poll(long now) {
    Copy first = waiting.peek();
    if (first == null || now - first.retryAt < 0) {
      return null;
    }
    polled++;
    return waiting.poll();
  }

  /** Returns how often {@link #poll} took a copy. */
  long polled() {
    return polled;
  }

  /** Ends the copies that grew too old while the target was down, each as its last attempt did. */
  void endExpired(long now, BiConsumer<Copy, Sender.Result> end) {
    if (waiting.isEmpty() || now - nextExpiry < 0) {
      return;
    }
    List<Copy> present = new ArrayList<>(waiting);
    waiting.clear();
    for (Copy copy : present) {
      if (now - copy.capturedAt >= maxAge) {
        end(copy, end);
      } else {
        add(copy);
      }
    }
  }

  /** Ends all. */
  void endAll(BiConsumer<Copy, Sender.Result> end) {
    List<Copy> present = new ArrayList<>(waiting);
    waiting.clear();
    present.forEach(copy -> end(copy, end));
  }

  private static void end(Copy copy, BiConsumer<Copy, Sender.Result> end) {
    Sender.Result last = copy.lastResult;
    if (last != null) {
      end.accept(copy, last);
    }
  }

  /** Returns for how many nanoseconds there is nothing to do. */
  long idle(long now) {
    Copy first = waiting.peek();
    if (first == null) {
      return Long.MAX_VALUE;
    }
    long untilExpiry = nextExpiry - now;
    long untilDue = first.retryAt - now;
    // What is due and still waits does so for the target's health.
    return untilDue > 0 ? Math.min(untilDue, untilExpiry) : untilExpiry;
  }
}
