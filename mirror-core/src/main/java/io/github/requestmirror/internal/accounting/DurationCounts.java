package io.github.requestmirror.internal.accounting;

import io.github.requestmirror.MirrorStats;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts durations in the buckets of {@link MirrorStats.Durations}. Thread-safe and non-blocking;
 * recording allocates nothing and throws nothing.
 */
public final class DurationCounts {
  private static final long[] BOUNDS =
      MirrorStats.Durations.bounds().stream().mapToLong(Duration::toNanos).toArray();

  private final AtomicLongArray counts = new AtomicLongArray(BOUNDS.length + 1);

  /** In microseconds: the sum in nanoseconds could overflow within months. */
  private final AtomicLong totalMicros = new AtomicLong();

  /** Counts a duration; a negative one counts as zero. */
  public void record(long nanos) {
    long duration = Math.max(0, nanos);
    int bucket = 0;
    while (bucket < BOUNDS.length && duration > BOUNDS[bucket]) {
      bucket++;
    }
    totalMicros.addAndGet(duration / 1000);
    counts.incrementAndGet(bucket);
  }

  /** Returns how many durations each bucket has, without those of smaller buckets. */
  public long[] counts() {
    long[] copy = new long[counts.length()];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = counts.get(i);
    }
    return copy;
  }

  /** Returns the sum of all durations, each rounded down to microseconds. */
  public long totalMicros() {
    return totalMicros.get();
  }
}
