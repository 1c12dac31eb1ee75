package io.github.requestmirror.internal.accounting;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.RequestHead;
import org.jspecify.annotations.Nullable;

/**
 * Records the requests of one target and how each ended: in the statistics, in the log if it was
 * lost, and for a copy with the listener. Thread-safe and non-blocking; throws nothing. Counting
 * needs no memory.
 */
public final class OutcomeRecorder {
  private final OutcomeCounters counters;
  private final LossLog lossLog;
  private final Reporter reporter;

  public OutcomeRecorder(OutcomeCounters counters, LossLog lossLog, Reporter reporter) {
    this.counters = counters;
    this.lossLog = lossLog;
    this.reporter = reporter;
  }

  /** Records a request. It must end once. */
  public void offer() {
    counters.offer();
  }

  /** Records a captured body that the adapter encoded again. */
  public void reencoded() {
    counters.reencoded();
  }

  /**
   * Records the end of a copy.
   *
   * @param text for the log, or null
   * @param cause for the log, or null
   */
  public void end(
      Outcome outcome, RequestHead head, @Nullable String text, @Nullable Throwable cause) {
    counters.end(outcome);
    try {
      if (LossLog.isLoss(outcome)) {
        lossLog.lost(outcome, head, cause == null ? text : cause);
      }
    } catch (Throwable t) {
      // Out of memory: there may be no line about it.
    }
  }

  /**
   * Records the end of a request that was not captured. Does not allocate if it is not lost.
   *
   * @param head used only during the call; null if it must not be shown
   * @param cause for the log, or null
   */
  public void refuse(Outcome outcome, @Nullable RequestHead head, @Nullable Throwable cause) {
    counters.end(outcome);
    try {
      if (LossLog.isLoss(outcome)) {
        lossLog.refused(outcome, head, cause);
      }
    } catch (Throwable t) {
      // As above.
    }
  }

  /** Returns whether there is a listener. */
  public boolean hasListener() {
    return reporter.hasListener();
  }

  /**
   * Reports the end of a copy to the listener.
   *
   * @param done called once when the event needs no more memory; must not throw exceptions
   */
  public void report(EndEvent event, Runnable done) {
    reporter.ended(event, done);
  }
}
