package io.github.requestmirror.internal.ordering;

import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The unfinished copies of each key in each scope, in the order of their places. A hash table whose
 * buckets hold the first node of each list. Adding a copy takes time in proportion to its keys, and
 * needs memory only to grow the table, without which the lists of a bucket become more. Removing
 * needs none. Confined to one thread.
 *
 * @param <T> the type of the copies
 */
final class KeyIndex<T> {
  private static final int SMALLEST_TABLE = 64;

  /** Odd and secret, so that a sender cannot choose keys that share a bucket. */
  private final long multiplier = new SplittableRandom().nextLong() | 1;

  private KeyNode<T>[] table = KeyNode.none();
  private int lists;
  private long size;

  /** Returns the memory of all keys, in bytes. */
  long bytes() {
    return size * KeySet.BYTES_PER_KEY;
  }

  /**
   * Adds a copy behind those of its scope that have one of its keys.
   *
   * @return the number of keys that an earlier copy has, too
   */
  int add(Ticket<T> ticket) {
    int blocking = 0;
    growFor(lists + ticket.nodes.length);
    for (KeyNode<T> node : ticket.nodes) {
      node.owner = ticket;
      if (addLast(node)) {
        blocking++;
      }
    }
    size += ticket.nodes.length;
    return blocking;
  }

  /** Adds a node to its list; returns whether there is a node before it. */
  private boolean addLast(KeyNode<T> node) {
    int bucket = bucketOf(node);
    KeyNode<T> first = table[bucket];
    while (first != null && !isSameList(first, node)) {
      first = first.nextInBucket;
    }
    if (first == null) {
      node.last = node;
      node.nextInBucket = table[bucket];
      table[bucket] = node;
      lists++;
      return false;
    }
    KeyNode<T> last = Objects.requireNonNull(first.last);
    last.next = node;
    node.previous = last;
    first.last = node;
    return true;
  }

  private boolean isSameList(KeyNode<T> a, KeyNode<T> b) {
    return a.key == b.key && scopeOf(a) == scopeOf(b);
  }

  private static <T> @Nullable Scope<T> scopeOf(KeyNode<T> node) {
    return Objects.requireNonNull(node.owner).scope;
  }

  /**
   * Removes a node that was added.
   *
   * @return the copy that has become the first of this list, or null
   */
  @Nullable Ticket<T> remove(KeyNode<T> node) {
    size--;
    KeyNode<T> next = node.next;
    if (node.previous == null) {
      replaceFirst(node, next);
    } else {
      node.previous.next = next;
      if (next == null) {
        firstOf(node).last = node.previous;
      } else {
        next.previous = node.previous;
      }
      next = null;
    }
    node.owner = null;
    node.previous = null;
    node.next = null;
    node.last = null;
    if (lists == 0) {
      table = KeyNode.none();
    }
    return next == null ? null : next.owner;
  }

  private KeyNode<T> firstOf(KeyNode<T> node) {
    KeyNode<T> first = Objects.requireNonNull(table[bucketOf(node)]);
    while (!isSameList(first, node)) {
      first = Objects.requireNonNull(first.nextInBucket);
    }
    return first;
  }

  /** Puts the second node of a list in the place of the first, or removes the list. */
  private void replaceFirst(KeyNode<T> first, @Nullable KeyNode<T> second) {
    KeyNode<T> inPlace = first.nextInBucket;
    if (second == null) {
      lists--;
    } else {
      second.previous = null;
      second.last = first.last;
      second.nextInBucket = first.nextInBucket;
      inPlace = second;
    }
    int bucket = bucketOf(first);
    if (table[bucket] == first) {
      table[bucket] = inPlace;
    } else {
      KeyNode<T> before = Objects.requireNonNull(table[bucket]);
      while (before.nextInBucket != first) {
        before = Objects.requireNonNull(before.nextInBucket);
      }
      before.nextInBucket = inPlace;
    }
    first.nextInBucket = null;
  }

  private int bucketOf(KeyNode<T> node) {
    Scope<T> scope = scopeOf(node);
    long hash = (node.key + (scope == null ? 0 : scope.hash)) * multiplier;
    return (int) (hash >>> 32) & (table.length - 1);
  }

  private void growFor(int wanted) {
    if (wanted <= table.length) {
      return;
    }
    int length = Math.max(SMALLEST_TABLE, Integer.highestOneBit(wanted) << 1);
    KeyNode<T>[] old = table;
    try {
      table = newTable(length);
    } catch (OutOfMemoryError e) {
      if (old.length == 0) {
        throw e;
      }
      return;
    }
    for (KeyNode<T> chain : old) {
      for (KeyNode<T> first = chain; first != null; ) {
        KeyNode<T> following = first.nextInBucket;
        int bucket = bucketOf(first);
        first.nextInBucket = table[bucket];
        table[bucket] = first;
        first = following;
      }
    }
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // Java has no other way to make this array.
  private static <T> KeyNode<T>[] newTable(int length) {
    return new KeyNode[length];
  }
}
