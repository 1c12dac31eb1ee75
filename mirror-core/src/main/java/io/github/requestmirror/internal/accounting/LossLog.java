package io.github.requestmirror.internal.accounting;

import io.github.requestmirror.Outcome;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Logs losses, with at most one line in ten seconds: the number of losses since the last line, by
 * outcome, and the detail of the latest one. Confined to the dispatcher's thread, except for {@link
 * #lost} and the executor, which composes and logs the lines.
 */
public final class LossLog {
  static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final int MAX_DETAIL = 1000;

  private final String target;
  private final OutcomeCounters counters;
  private final Executor executor;
  private final Consumer<String> line;
  private final Runnable onNewLoss;

  /** Created once, because there may be no memory when it is needed. */
  private final Runnable logNewLosses = this::logNewLosses;

  /** Used only by the executor. */
  private final Map<Outcome, Long> logged = new EnumMap<>(Outcome.class);

  private volatile boolean newLosses;
  private volatile @Nullable Object lastDetail;
  private long nextAt;

  /**
   * @param now the current time of the clock
   * @param executor runs one task at a time; details and appenders are the application's code
   * @param line logs a line
   * @param onNewLoss called by the thread that records the first loss after a line
   */
  public LossLog(
      String target,
      OutcomeCounters counters,
      long now,
      Executor executor,
      Consumer<String> line,
      Runnable onNewLoss) {
    this.target = target;
    this.counters = counters;
    this.executor = executor;
    this.line = line;
    this.onNewLoss = onNewLoss;
    this.nextAt = now;
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

  /**
   * Records that a loss has been counted. Any thread.
   *
   * @param detail an exception or text, or null
   */
  void lost(@Nullable Object detail) {
    if (detail != null) {
      lastDetail = detail;
    }
    if (!newLosses) {
      newLosses = true;
      onNewLoss.run();
    }
  }

  /**
   * Logs if there are new losses and the interval since the last line has passed.
   *
   * @return the nanoseconds until the next call is needed; Long.MAX_VALUE without new losses
   */
  public long tick(long now) {
    if (!newLosses) {
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
    // First, so that a loss which the line does not contain leads to another one.
    newLosses = false;
    executor.execute(logNewLosses);
  }

  private void logNewLosses() {
    List<String> losses = new ArrayList<>();
    for (Outcome outcome : Outcome.values()) {
      if (isLoss(outcome)) {
        long count = counters.count(outcome);
        Long before = logged.put(outcome, count);
        long added = count - (before == null ? 0 : before);
        if (added > 0) {
          losses.add(added + " " + outcome);
        }
      }
    }
    if (!losses.isEmpty()) {
      Object detail = lastDetail;
      lastDetail = null;
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
