package io.github.requestmirror.internal.policy;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what is known of header names or paths, because clients send the same few again and
 * again. Its memory is bounded, whatever clients send. Thread-safe: entries are immutable, and what
 * is lost is computed again.
 *
 * @param <V> what is known of a name, immutable
 */
final class NameCache<V> {
  private static final int SIZE = 128;
  private static final int LONGEST_NAME = 64;

  private final Function<String, V> function;
  private final @Nullable Entry<V>[] entries = entries();

  private record Entry<V>(String name, V value) {}

  NameCache(Function<String, V> function) {
    this.function = function;
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // There are no arrays of generic types.
  private static <V> @Nullable Entry<V>[] entries() {
    return new Entry[SIZE];
  }

  /** Returns whether a name is short enough to be remembered. */
  static boolean remembers(String name) {
    return name.length() <= LONGEST_NAME;
  }

  /** Propagates the exceptions of the function, which are not remembered. */
  V get(String name) {
    int hash = name.hashCode();
    int index = (hash ^ hash >>> 16) & SIZE - 1;
    Entry<V> entry = entries[index];
    if (entry != null && entry.name.equals(name)) {
      return entry.value;
    }
    V value = function.apply(name);
    if (remembers(name)) {
      entries[index] = new Entry<>(name, value);
    }
    return value;
  }
}
