package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.internal.ordering.IntrusiveList;
import org.jspecify.annotations.Nullable;

/**
 * Copies in one stage, the one that has waited longest first, and how long a copy may wait. A copy
 * is in at most one such queue. Adding and removing need no memory. Confined to one thread.
 */
final class AgeQueue {
  private final IntrusiveList<Copy> copies = new IntrusiveList<>();
  private final long maxAge;

  /**
   * @param maxAge the longest wait, in nanoseconds
   */
  AgeQueue(long maxAge) {
    this.maxAge = maxAge;
  }

  /**
   * Adds a copy.
   *
   * @param since when its wait began; later than that of nearly all copies in this queue
   */
  void add(Copy copy, long since) {
    copy.waitingSince = since;
    IntrusiveList.Node<Copy> before = copies.last();
    while (before != null && before.element().waitingSince - since > 0) {
      before = before.previous();
    }
    copies.addAfter(before, copy.inAgeQueue);
  }

  /** Removes a copy; returns whether it was in this queue. */
  boolean remove(Copy copy) {
    return copies.remove(copy.inAgeQueue);
  }

  /** Returns the copy that has waited longest, or null. */
  @Nullable Copy first() {
    return copies.first();
  }

  int size() {
    return copies.size();
  }

  /** Returns the copy that has waited longest if it has waited too long, or null. */
  @Nullable Copy firstExpired(long now) {
    Copy oldest = copies.first();
    return oldest == null || now - oldest.waitingSince < maxAge ? null : oldest;
  }

  /** Returns the nanoseconds until a copy expires; Long.MAX_VALUE if there is none. */
  long untilExpiry(long now) {
    Copy oldest = copies.first();
    return oldest == null ? Long.MAX_VALUE : oldest.waitingSince + maxAge - now;
  }
}
