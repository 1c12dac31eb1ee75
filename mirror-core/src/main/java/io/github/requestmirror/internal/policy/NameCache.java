package io.github.requestmirror.internal.policy;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the result of a test of header names or paths, because clients send the same few again
 * and again. Its memory is bounded, whatever clients send. Thread-safe: entries are immutable, and
 * the test of one that is lost is repeated.
 */
final class NameCache {
  private static final int SIZE = 128;
  private static final int LONGEST_NAME = 64;

  private final Predicate<String> test;
  private final @Nullable Entry[] entries = new Entry[SIZE];

  private record Entry(String name, boolean result) {}

  NameCache(Predicate<String> test) {
    this.test = test;
  }

  /** Propagates the exceptions of the test, which are not remembered. */
  boolean test(String name) {
    int hash = name.hashCode();
    int index = (hash ^ hash >>> 16) & SIZE - 1;
    Entry entry = entries[index];
    if (entry != null && entry.name.equals(name)) {
      return entry.result;
    }
    boolean result = test.test(name);
    if (name.length() <= LONGEST_NAME) {
      entries[index] = new Entry(name, result);
    }
    return result;
  }
}
