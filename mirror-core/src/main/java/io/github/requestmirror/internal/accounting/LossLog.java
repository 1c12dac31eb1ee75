package io.github.requestmirror.internal.accounting;

import io.github.requestmirror.Outcome;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Turns losses into at most one log line in ten seconds, however many there are: what was lost
 * since the last line, by outcome, and the latest explanation. Runs on the dispatcher's thread
 * only.
 */
public final class LossLog {
  static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final int MAX_DETAIL = 1000;

  private final String target;
  private final OutcomeCounters counters;
  private final Consumer<String> line;
  private final Map<Outcome, Long> told = new EnumMap<>(Outcome.class);
  private long nextAt;

  /**
   * @param now the clock's present reading
   * @param line takes a line to log
   */
  public LossLog(String target, OutcomeCounters counters, long now, Consumer<String> line) {
    this.target = target;
    this.counters = counters;
    this.line = line;
    this.nextAt = now;
  }

  /**
   * Logs if there is news and the last line is long enough ago.
   *
   * @return after how many nanoseconds to come again; Long.MAX_VALUE when there is no news
   */
  public long tick(long now) {
    if (!counters.hasNews()) {
      return Long.MAX_VALUE;
    }
    if (now - nextAt < 0) {
      return nextAt - now;
    }
    flush();
    nextAt = now + INTERVAL_NANOS;
    return Long.MAX_VALUE;
  }

  /** Logs if there is news. */
  public void flush() {
    counters.clearNews();
    List<String> losses = new ArrayList<>();
    for (Outcome outcome : Outcome.values()) {
      if (OutcomeCounters.isLoss(outcome)) {
        long count = counters.count(outcome);
        Long before = told.put(outcome, count);
        long fresh = count - (before == null ? 0 : before);
        if (fresh > 0) {
          losses.add(fresh + " " + outcome);
        }
      }
    }
    if (!losses.isEmpty()) {
      Object detail = counters.takeDetail();
      line.accept(
          "mirror "
              + target
              + ": "
              + String.join(", ", losses)
              + (detail == null ? "" : "; last: " + inOneLine(detail)));
    }
  }

  /**
   * Its text may be a user's, whose code may fail, or come from a client or target, which may put
   * line breaks or very much into it.
   */
  private static String inOneLine(Object detail) {
    try {
      String text = detail.toString();
      String start = text.length() <= MAX_DETAIL ? text : text.substring(0, MAX_DETAIL) + "...";
      return start.replaceAll("\\p{Cntrl}+", " ");
    } catch (Throwable t) {
      return "(its description failed)";
    }
  }
}
