package io.github.requestmirror.internal.accounting;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.RequestHead;
import org.jspecify.annotations.Nullable;

/**
 * Records the requests of one target and how each ended: in the statistics, for its scope and in
 * the log if it was lost, and for a copy with the listener. Thread-safe and non-blocking; throws
 * nothing. Counting needs no memory.
 */
public final class OutcomeRecorder {
  private final OutcomeCounters counters;
  private final ResponseCounts responses = new ResponseCounts();
  private final ScopeLosses scopeLosses = new ScopeLosses();
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

  /** Records how long the primary took to respond to a captured request. */
  public void primaryResponded(long nanos) {
    responses.ofPrimary(nanos);
  }

  /** Records how long the target took to respond to a copy. */
  public void targetResponded(long nanos) {
    responses.ofTarget(nanos);
  }

  /**
   * Records how a copy and the request of the primary ended, once both have; see {@link
   * ResponseCounts#statusClass}.
   */
  public void responses(int primaryClass, int targetClass) {
    responses.pair(primaryClass, targetClass);
  }

  public ResponseCounts responses() {
    return responses;
  }

  public ScopeLosses scopeLosses() {
    return scopeLosses;
  }

  /**
   * Records the end of a copy.
   *
   * @param scope null if it has none
   * @param text for the log, or null
   * @param cause for the log, or null
   */
  public void end(
      Outcome outcome,
      @Nullable String scope,
      RequestHead head,
      @Nullable String text,
      @Nullable Throwable cause) {
    counters.end(outcome);
    try {
      if (LossLog.isLoss(outcome)) {
        scopeLosses.count(scope);
        lossLog.lost(outcome, head, cause == null ? text : cause);
      }
    } catch (Throwable t) {
      // Out of memory: there may be no line about it.
    }
  }

  /**
   * Records the end of a request that was not captured. Does not allocate if it is not lost.
   *
   * @param scope null if it has none, or if it is not known
   * @param head used only during the call; null if it must not be shown
   * @param cause for the log, or null
   */
  public void refuse(
      Outcome outcome,
      @Nullable String scope,
      @Nullable RequestHead head,
      @Nullable Throwable cause) {
    counters.end(outcome);
    try {
      if (LossLog.isLoss(outcome)) {
        scopeLosses.count(scope);
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
