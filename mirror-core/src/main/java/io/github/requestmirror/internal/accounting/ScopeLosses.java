package io.github.requestmirror.internal.accounting;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Counts losses by scope in a table of fixed size, for the scopes that lose most (the space-saving
 * algorithm: Metwally, Agrawal and El Abbadi, Efficient computation of frequent and top-k elements
 * in data streams, 2005). A scope that is not in the table takes the place of the one with the
 * smallest count, and continues its count. What is shown of a scope is only what was counted since
 * it has its place.
 *
 * <p>Thread-safe, never blocks, allocates nothing for a loss. A loss may be counted for the next
 * owner of a place that changes hands at the same moment; the total is exact.
 */
public final class ScopeLosses {
  static final int PLACES = 64;

  /** Longer scopes have no place, so that clients cannot choose how much memory the table takes. */
  static final int MAX_LENGTH = 128;

  private static final int HINTS = 256;

  /**
   * The losses of a scope.
   *
   * @param count since the scope has its place in the table
   */
  public record Loss(String scope, long count) {}

  private final AtomicReferenceArray<@Nullable String> scopes = new AtomicReferenceArray<>(PLACES);
  private final AtomicLongArray counts = new AtomicLongArray(PLACES);
  private final AtomicLongArray inherited = new AtomicLongArray(PLACES);

  /** The place where a scope with this hash was found last. Races do no harm. */
  private final byte[] hints = new byte[HINTS];

  /** Held by a thread that changes the owner of a place. */
  private final AtomicBoolean changing = new AtomicBoolean();

  /** Losses of scopes without a place. */
  private final Counter others = new Counter();

  /**
   * Counts a loss.
   *
   * @param scope null if it is not known
   */
  void count(@Nullable String scope) {
    if (scope == null || scope.length() > MAX_LENGTH) {
      others.increment();
      return;
    }
    int hash = scope.hashCode();
    int hint = (hash ^ hash >>> 8 ^ hash >>> 16) & (HINTS - 1);
    int place = hints[hint];
    if (!scope.equals(scopes.get(place))) {
      place = place(scope);
      if (place < 0) {
        others.increment();
        return;
      }
      hints[hint] = (byte) place;
    }
    counts.incrementAndGet(place);
  }

  /** Returns the place of a scope, or -1 if another thread is changing the table. */
  private int place(String scope) {
    int known = find(scope);
    if (known >= 0 || !changing.compareAndSet(false, true)) {
      return known;
    }
    try {
      // Another thread may have added it meanwhile; a scope must not have two places.
      int added = find(scope);
      if (added >= 0) {
        return added;
      }
      int place = smallest();
      scopes.set(place, null);
      inherited.set(place, counts.get(place));
      scopes.set(place, scope);
      return place;
    } finally {
      changing.set(false);
    }
  }

  private int find(String scope) {
    for (int i = 0; i < PLACES; i++) {
      if (scope.equals(scopes.get(i))) {
        return i;
      }
    }
    return -1;
  }

  private int smallest() {
    int smallest = 0;
    for (int i = 1; i < PLACES; i++) {
      if (counts.get(i) < counts.get(smallest)) {
        smallest = i;
      }
    }
    return smallest;
  }

  /** Returns the losses of the scopes in the table, in no order. */
  public List<Loss> losses() {
    List<Loss> losses = new ArrayList<>();
    for (int i = 0; i < PLACES; i++) {
      String scope = scopes.get(i);
      if (scope == null) {
        continue;
      }
      long before = inherited.get(i);
      long count = counts.get(i) - before;
      // Otherwise the place has another owner meanwhile.
      if (count > 0 && before == inherited.get(i) && scope.equals(scopes.get(i))) {
        losses.add(new Loss(scope, count));
      }
    }
    return losses;
  }

  /** Returns the number of all losses. Read after {@link #losses()}, it is not less than these. */
  public long total() {
    long total = others.sum();
    for (int i = 0; i < PLACES; i++) {
      total += counts.get(i);
    }
    return total;
  }
}
