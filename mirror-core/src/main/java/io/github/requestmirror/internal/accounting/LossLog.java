package io.github.requestmirror.internal.accounting;

import io.github.requestmirror.Outcome;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Logs losses, with at most one line in ten seconds: the number of losses since the last line, by
 * outcome, and the detail of the latest one. Confined to the dispatcher's thread, except that the
 * executor composes and logs the lines.
 */
public final class LossLog {
  static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final int MAX_DETAIL = 1000;

  private final String target;
  private final OutcomeCounters counters;
  private final Executor executor;
  private final Consumer<String> line;

  /** Used only by the executor. */
  private final Map<Outcome, Long> logged = new EnumMap<>(Outcome.class);

  private long nextAt;

  /**
   * @param now the current time of the clock
   * @param executor runs one task at a time; details and appenders are the application's code
   * @param line logs a line
   */
  public LossLog(
      String target, OutcomeCounters counters, long now, Executor executor, Consumer<String> line) {
    this.target = target;
    this.counters = counters;
    this.executor = executor;
    this.line = line;
    this.nextAt = now;
  }

  /**
   * Logs if there are new losses and the interval since the last line has passed.
   *
   * @return the nanoseconds until the next call is needed; Long.MAX_VALUE without new losses
   */
  public long tick(long now) {
    if (!counters.hasNewLosses()) {
      return Long.MAX_VALUE;
    }
    if (now - nextAt < 0) {
      return nextAt - now;
    }
    flush();
    nextAt = now + INTERVAL_NANOS;
    return Long.MAX_VALUE;
  }

  /** Logs if there are new losses. */
  public void flush() {
    executor.execute(this::logNewLosses);
  }

  private void logNewLosses() {
    counters.clearNewLosses();
    List<String> losses = new ArrayList<>();
    for (Outcome outcome : Outcome.values()) {
      if (OutcomeCounters.isLoss(outcome)) {
        long count = counters.count(outcome);
        Long before = logged.put(outcome, count);
        long added = count - (before == null ? 0 : before);
        if (added > 0) {
          losses.add(added + " " + outcome);
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
   * Limits the text and removes line breaks. It may be chosen by a client or target (log
   * injection), and {@code toString} may be an application's and throw.
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
