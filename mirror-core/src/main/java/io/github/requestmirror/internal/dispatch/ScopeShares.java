package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.internal.capture.ByteBudget;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Divides the buffer and the places in flight of a target among the scopes. A scope that is alone
 * has everything. While others are active, the bytes of a scope are limited by a dynamic threshold
 * (Choudhury and Hahne, Dynamic queue length thresholds for shared-memory packet switches, 1998): a
 * multiple of what is free, so that some room is left for those that hold little. A scope that
 * holds nothing may always take one copy that fits.
 *
 * <p>The bytes of a scope are counted in a table of fixed size, in two rows with different hashes.
 * The smaller count is an upper bound of what the scope holds, and exact unless it meets other
 * scopes in both rows. Thread-safe, never blocks, allocates nothing.
 */
final class ScopeShares {
  private static final long ACTIVE = TimeUnit.MINUTES.toNanos(1);
  private static final int MULTIPLE_OF_FREE = 8;
  private static final int ROW = 4096;

  private final ByteBudget budget;
  private final int maxInFlight;

  /** Not read while one scope is alone, because it takes a good part of the time of a refusal. */
  private final LongSupplier clock;

  private final AtomicLongArray bytes = new AtomicLongArray(2 * ROW);
  private final int seed = new SplittableRandom().nextInt();

  /** The scope that was active last, and when another one was before it. Races do no harm. */
  private volatile int lastActive;

  private volatile boolean hasLast;
  private volatile boolean hasOther;
  private volatile long otherActiveAt;

  ScopeShares(ByteBudget budget, int maxInFlight, LongSupplier clock) {
    this.budget = budget;
    this.maxInFlight = maxInFlight;
    this.clock = clock;
  }

  /** Returns the number under which a scope is counted. */
  int id(@Nullable String scope) {
    int hash = (scope == null ? 0 : scope.hashCode()) ^ seed;
    hash = (hash ^ hash >>> 16) * 0x7feb352d;
    hash = (hash ^ hash >>> 15) * 0x846ca68b;
    return hash ^ hash >>> 16;
  }

  /** A scope has a request. */
  void active(int scope) {
    if (lastActive != scope || !hasLast) {
      if (hasLast) {
        otherActiveAt = clock.getAsLong();
        hasOther = true;
      }
      lastActive = scope;
      hasLast = true;
    }
  }

  private boolean isShared() {
    return hasOther && clock.getAsLong() - otherActiveAt < ACTIVE;
  }

  /** Returns the reason why a request of this size has no room, or null. Reserves nothing. */
  @Nullable Outcome refusal(int scope, long size) {
    if (!budget.hasRoomFor(size)) {
      return Outcome.BUFFER_FULL;
    }
    long held = held(scope);
    return held > 0 && isTooMuch(held + size, budget.free() - size) && isShared()
        ? Outcome.SCOPE_FULL
        : null;
  }

  private static boolean isTooMuch(long held, long free) {
    return held / MULTIPLE_OF_FREE > free;
  }

  /**
   * Reserves bytes for a copy.
   *
   * @param ofCopy the bytes that the copy holds already
   * @return null, or the reason why nothing is reserved
   */
  @Nullable Outcome reserve(int scope, long size, long ofCopy) {
    // Before anything is reserved, which a failing clock would not release.
    boolean shared = isShared();
    if (!budget.tryReserve(size)) {
      return Outcome.BUFFER_FULL;
    }
    add(scope, size);
    long held = held(scope);
    if (shared && held > ofCopy + size && isTooMuch(held, budget.free())) {
      release(scope, size);
      return Outcome.SCOPE_FULL;
    }
    return null;
  }

  void release(int scope, long size) {
    add(scope, -size);
    budget.release(size);
  }

  private void add(int scope, long size) {
    bytes.addAndGet(first(scope), size);
    bytes.addAndGet(second(scope), size);
  }

  private long held(int scope) {
    return Math.min(bytes.get(first(scope)), bytes.get(second(scope)));
  }

  private static int first(int scope) {
    return scope & (ROW - 1);
  }

  private static int second(int scope) {
    return ROW + (scope >>> 16 & (ROW - 1));
  }

  /**
   * Returns whether a scope may have one more copy in flight: one that has some leaves the last
   * places to the others.
   *
   * @param ofScope the copies of the scope in flight
   */
  boolean permitsSend(int inFlight, int ofScope) {
    int lastPlaces = Math.max(1, maxInFlight / 9);
    if (inFlight < maxInFlight - lastPlaces) {
      return true;
    }
    boolean leavesThem = ofScope > 0 && maxInFlight > 1 && isShared();
    return inFlight < maxInFlight && !leavesThem;
  }
}
