package io.github.requestmirror.internal.ordering;

import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * Collects the keys of one copy, and allocates what the order needs for them, so that the order's
 * thread need not. Used by one thread until it is sealed, then handed over.
 *
 * @param <T> the type of the copies
 */
public final class KeySet<T> implements LongConsumer {
  /** A node, its element in an array, and its share of the table of lists. */
  static final int BYTES_PER_KEY = 56;

  private static final int FIRST_CAPACITY = 64;
  private static final long[] NO_KEYS = {};

  private final int maxKeys;
  private long[] keys = new long[FIRST_CAPACITY];
  private int size;
  private boolean tooMany;
  private boolean known;
  private KeyNode<T>[] nodes = KeyNode.none();

  /**
   * @param maxKeys the keys of a copy with more, repeated ones included, count as unknown
   */
  public KeySet(int maxKeys) {
    this.maxKeys = maxKeys;
  }

  @Override
  public void accept(long key) {
    if (size >= maxKeys) {
      tooMany = true;
      return;
    }
    if (size == keys.length) {
      keys = Arrays.copyOf(keys, Math.min(maxKeys, 2 * size));
    }
    keys[size++] = key;
  }

  /**
   * Ends the collection.
   *
   * @param complete whether all keys of the copy have been added
   */
  public void seal(boolean complete) {
    known = complete && !tooMany;
    if (known) {
      nodes = distinctNodes();
    }
    keys = NO_KEYS;
  }

  private KeyNode<T>[] distinctNodes() {
    Arrays.sort(keys, 0, size);
    int distinct = 0;
    for (int i = 0; i < size; i++) {
      if (i == 0 || keys[i] != keys[i - 1]) {
        keys[distinct++] = keys[i];
      }
    }
    @SuppressWarnings({"unchecked", "rawtypes"}) // Java has no other way to make this array.
    KeyNode<T>[] made = new KeyNode[distinct];
    for (int i = 0; i < distinct; i++) {
      made[i] = new KeyNode<>(keys[i]);
    }
    return made;
  }

  /** Returns whether the keys are known; otherwise the copy meets every copy of its scope. */
  public boolean isKnown() {
    return known;
  }

  /** Returns one node for each key. */
  KeyNode<T>[] nodes() {
    return nodes;
  }
}
