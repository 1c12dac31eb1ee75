package io.github.requestmirror.internal.accounting;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts the responses to the captured requests of one target: how long the target and the primary
 * took, and the status of the one against that of the other. Thread-safe and non-blocking;
 * recording allocates nothing and throws nothing.
 */
public final class ResponseCounts {
  /** Statuses are compared by their first digit, 2 to 5; 0 stands for no final response. */
  public static final int CLASSES = 6;

  private final DurationCounts ofTarget = new DurationCounts();
  private final DurationCounts ofPrimary = new DurationCounts();
  private final AtomicLongArray pairs = new AtomicLongArray(CLASSES * CLASSES);

  /** Returns the class of a status: 2 to 5, or 0 if it is none of a final response. */
  public static int statusClass(int status) {
    int first = status / 100;
    return first >= 2 && first < CLASSES ? first : 0;
  }

  void ofTarget(long nanos) {
    ofTarget.record(nanos);
  }

  void ofPrimary(long nanos) {
    ofPrimary.record(nanos);
  }

  void pair(int primaryClass, int targetClass) {
    pairs.incrementAndGet(index(primaryClass, targetClass));
  }

  private static int index(int primaryClass, int targetClass) {
    return primaryClass * CLASSES + targetClass;
  }

  public DurationCounts ofTarget() {
    return ofTarget;
  }

  public DurationCounts ofPrimary() {
    return ofPrimary;
  }

  /** Returns the numbers of copies by primary class * {@link #CLASSES} + target class. */
  public long[] pairs() {
    long[] copy = new long[pairs.length()];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = pairs.get(i);
    }
    return copy;
  }
}
