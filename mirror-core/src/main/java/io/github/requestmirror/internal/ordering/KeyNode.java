package io.github.requestmirror.internal.ordering;

import org.jspecify.annotations.Nullable;

/** One key of one copy, in the list of the copies that have this key. */
final class KeyNode<T> {
  private static final KeyNode<?>[] NONE = {};

  final long key;
  @Nullable Ticket<T> owner;
  @Nullable KeyNode<T> previous;
  @Nullable KeyNode<T> next;

  /** The end of the list. Only the first node of a list knows it. */
  @Nullable KeyNode<T> last;

  /** The first node of another list in the same bucket. Only for the first node of a list. */
  @Nullable KeyNode<T> nextInBucket;

  KeyNode(long key) {
    this.key = key;
  }

  @SuppressWarnings("unchecked") // An empty array holds nothing of another type.
  static <T> KeyNode<T>[] none() {
    return (KeyNode<T>[]) NONE;
  }
}
