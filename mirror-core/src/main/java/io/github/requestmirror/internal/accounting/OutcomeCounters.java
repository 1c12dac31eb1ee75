package io.github.requestmirror.internal.accounting;

import io.github.requestmirror.Outcome;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Counts the requests offered to one target, and their outcomes. Thread-safe and non-blocking. Does
 * not allocate, except for the cells of contended {@link LongAdder}s.
 */
public final class OutcomeCounters {
  private final LongAdder offered = new LongAdder();
  private final Map<Outcome, LongAdder> ended = new EnumMap<>(Outcome.class);
  private final LongAdder reencoded = new LongAdder();
  private final Runnable onLoss;
  private volatile boolean newLosses;
  private volatile @Nullable Object lastDetail;

  /**
   * @param onLoss called, by the thread that counts, for the first loss and for the first one after
   *     each {@link #clearNewLosses}
   */
  public OutcomeCounters(Runnable onLoss) {
    this.onLoss = onLoss;
    for (Outcome outcome : Outcome.values()) {
      ended.put(outcome, new LongAdder());
    }
  }

  public void offer() {
    offered.increment();
  }

  /** Counts a captured body that the adapter encoded again. */
  public void reencoded() {
    reencoded.increment();
  }

  /**
   * Counts an outcome.
   *
   * @param detail an exception or text for the log, or null
   */
  public void end(Outcome outcome, @Nullable Object detail) {
    if (detail != null) {
      lastDetail = detail;
    }
    counter(outcome).increment();
    if (!newLosses && isLoss(outcome)) {
      newLosses = true;
      onLoss.run();
    }
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
    for (LongAdder adder : ended.values()) {
      ends += adder.sum();
    }
    return ends == offered.sum();
  }

  boolean hasNewLosses() {
    return newLosses;
  }

  /** The next loss triggers the callback again. */
  void clearNewLosses() {
    newLosses = false;
  }

  @Nullable Object takeDetail() {
    Object detail = lastDetail;
    lastDetail = null;
    return detail;
  }

  private LongAdder counter(Outcome outcome) {
    return Objects.requireNonNull(ended.get(outcome));
  }

  /** Returns whether the outcome is logged: the policy selected the request, but it was lost. */
  static boolean isLoss(Outcome outcome) {
    return switch (outcome) {
      case ACCEPTED,
          DISABLED,
          LOOP,
          UPGRADE,
          NOT_MATCHED,
          DENIED,
          NOT_SAMPLED,
          PRIMARY_STATUS,
          CLOSED ->
          false;
      default -> true;
    };
  }
}
