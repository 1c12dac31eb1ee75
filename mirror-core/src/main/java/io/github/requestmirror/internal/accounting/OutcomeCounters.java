package io.github.requestmirror.internal.accounting;

import io.github.requestmirror.Outcome;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Counts what was offered to one target and how it ended. Any thread may count; nothing waits and,
 * but for the striping of contended counters, nothing is allocated.
 */
public final class OutcomeCounters {
  private final LongAdder offered = new LongAdder();
  private final Map<Outcome, LongAdder> ended = new EnumMap<>(Outcome.class);
  private final LongAdder reencoded = new LongAdder();
  private final Runnable onNews;
  private volatile boolean news;
  private volatile @Nullable Object lastDetail;

  /**
   * @param onNews called by the counting thread at the first loss since the last look
   */
  public OutcomeCounters(Runnable onNews) {
    this.onNews = onNews;
    for (Outcome outcome : Outcome.values()) {
      ended.put(outcome, new LongAdder());
    }
  }

  public void offer() {
    offered.increment();
  }

  /** Counts a captured body that is not the client's own, but means the same. */
  public void reencoded() {
    reencoded.increment();
  }

  /**
   * Counts an end.
   *
   * @param detail what the log line is to say of it, an exception or words, or null
   */
  public void end(Outcome outcome, @Nullable Object detail) {
    if (detail != null) {
      lastDetail = detail;
    }
    counter(outcome).increment();
    if (!news && isLoss(outcome)) {
      news = true;
      onNews.run();
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

  /** Tells whether everything offered has ended. */
  public boolean isSettled() {
    // Ends first: each is counted after its offer, so too few can't be seen as pending.
    long ends = 0;
    for (LongAdder adder : ended.values()) {
      ends += adder.sum();
    }
    return ends == offered.sum();
  }

  boolean hasNews() {
    return news;
  }

  /** Whoever counts from now on calls for a new look. */
  void clearNews() {
    news = false;
  }

  @Nullable Object takeDetail() {
    Object detail = lastDetail;
    lastDetail = null;
    return detail;
  }

  private LongAdder counter(Outcome outcome) {
    return Objects.requireNonNull(ended.get(outcome));
  }

  /** Tells whether a person running the mirror should hear of it: wanted, and not accepted. */
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
