package io.github.requestmirror.internal.accounting;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.RequestHead;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Logs losses, with at most one line in ten seconds: the number of losses since the last line, by
 * outcome, and the latest one that is known in detail. Confined to the dispatcher's thread, except
 * for {@link #lost} and {@link #refused}, and the executor, which composes and logs the lines.
 */
public final class LossLog {
  static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** For how long a line waits for the detail that was claimed, before it takes another one. */
  private static final long DETAIL_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final int MAX_DETAIL = 1000;
  private static final int MAX_PATH = 200;
  private static final int MAX_CONTENT_TYPE = 100;

  /** An invalid path is not shown: its author may have put anything into it. */
  private static final Pattern VALID_PATH = Pattern.compile("[\\x21-\\x7e&&[^?#]]*");

  /** Control and format characters, and line breaks of all kinds. */
  private static final Pattern INVISIBLE = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}]+");

  /** Parameters of a path segment, such as a session id (RFC 3986 3.3). */
  private static final Pattern PATH_PARAMETERS = Pattern.compile(";[^/]*");

  /**
   * A loss to be described. Takes two texts of the head, which must not be kept beyond its end.
   *
   * @param detail an exception or text
   */
  private record Loss(
      Outcome outcome,
      @Nullable String path,
      @Nullable String contentType,
      @Nullable Object detail) {
    static Loss of(Outcome outcome, @Nullable RequestHead head, @Nullable Object detail) {
      return head == null
          ? new Loss(outcome, null, null, detail)
          : new Loss(outcome, head.rawPath(), head.header("Content-Type"), detail);
    }
  }

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
  private volatile @Nullable Loss last;
  private long nextAt;

  /** When a detail may be claimed. */
  private long detailAt;

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
    this.detailAt = now;
  }

  /** Returns whether the outcome is logged: the policy selected the request, but it was lost. */
  public static boolean isLoss(Outcome outcome) {
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
   * Records that the loss of a copy has been counted. Any thread.
   *
   * @param head of the copy, or null if it must not be shown
   * @param detail an exception or text, or null
   */
  void lost(Outcome outcome, @Nullable RequestHead head, @Nullable Object detail) {
    Loss before = last;
    if (before == null || before.detail == null || detail != null) {
      note(outcome, head, detail);
    }
    trigger();
  }

  /**
   * As above, for a request that was not captured. Allocates nothing, but once for each line, and
   * for a detail.
   */
  void refused(Outcome outcome, @Nullable RequestHead head, @Nullable Object detail) {
    if (last == null || detail != null) {
      note(outcome, head, detail);
    }
    trigger();
  }

  private void note(Outcome outcome, @Nullable RequestHead head, @Nullable Object detail) {
    try {
      last = Loss.of(outcome, head, detail);
    } catch (Throwable t) {
      // Out of memory, or the head is the application's and throws: the line has only the counts.
    }
  }

  /**
   * Returns whether the next line needs a detail. If so, the caller is expected to record a loss
   * with one, and other callers are not asked for it meanwhile.
   */
  boolean claimDetail(long now) {
    Loss known = last;
    if ((known != null && known.detail != null) || now - detailAt < 0) {
      return false;
    }
    detailAt = now + DETAIL_NANOS;
    return true;
  }

  private void trigger() {
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
    detailAt = now;
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
      Loss example = last;
      last = null;
      line.accept(
          "mirror "
              + target
              + ": "
              + String.join(", ", losses)
              + (example == null ? "" : "; last: " + describe(example)));
    }
  }

  private static String describe(Loss loss) {
    StringBuilder text = new StringBuilder().append(loss.outcome);
    if (loss.path != null && VALID_PATH.matcher(loss.path).matches()) {
      String path = PATH_PARAMETERS.matcher(loss.path).replaceAll("");
      text.append(" of ").append(inOneLine(path, MAX_PATH));
    }
    if (loss.contentType != null) {
      text.append(" (").append(inOneLine(loss.contentType, MAX_CONTENT_TYPE)).append(')');
    }
    if (loss.detail != null) {
      text.append(": ").append(inOneLine(loss.detail, MAX_DETAIL));
    }
    return text.toString();
  }

  /**
   * Limits the text and removes line breaks. It may be chosen by a client or target (log
   * injection), and {@code toString} may be an application's and throw.
   */
  private static String inOneLine(Object detail, int max) {
    try {
      String text = detail.toString();
      String start = text.length() <= max ? text : text.substring(0, max) + "...";
      return INVISIBLE.matcher(start).replaceAll(" ");
    } catch (Throwable t) {
      return "(its description failed)";
    }
  }
}
