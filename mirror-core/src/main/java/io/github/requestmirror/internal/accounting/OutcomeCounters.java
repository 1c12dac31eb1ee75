package io.github.requestmirror.internal.accounting;

import io.github.requestmirror.Outcome;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * Counts the requests offered to one target, and their outcomes. Thread-safe and non-blocking. Its
 * methods throw nothing, even without memory.
 */
public final class OutcomeCounters {
  private final Counter offered = new Counter();
  private final Map<Outcome, Counter> ended = new EnumMap<>(Outcome.class);
  private final Counter reencoded = new Counter();

  public OutcomeCounters() {
    for (Outcome outcome : Outcome.values()) {
      ended.put(outcome, new Counter());
    }
  }

  public void offer() {
    offered.increment();
  }

  /** Counts a captured body that the adapter encoded again. */
  public void reencoded() {
    reencoded.increment();
  }

  public void end(Outcome outcome) {
    counter(outcome).increment();
  }

  public long offered() {
    return offered.sum();
  }

  public long reencodedCount() {
    return reencoded.sum();
  }

  public long count(Outcome outcome) {
    return counter(outcome).sum();
  }

  /** Returns whether all offered requests have ended. */
  public boolean isSettled() {
    // Each offer is counted before its end. Reading the ends first can only show more pending.
    long ends = 0;
    for (Counter counter : ended.values()) {
      ends += counter.sum();
    }
    return ends == offered.sum();
  }

  private Counter counter(Outcome outcome) {
    return Objects.requireNonNull(ended.get(outcome));
  }
}
