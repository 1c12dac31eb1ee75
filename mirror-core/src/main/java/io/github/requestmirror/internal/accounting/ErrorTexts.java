package io.github.requestmirror.internal.accounting;

import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.Outcome;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides of which error responses the text is kept, and keeps that of the last rejection. Of each
 * status the first one is kept, then at most one in five seconds and one for each log line, so that
 * a target that rejects everything costs neither time nor memory. Confined to the pipeline's
 * thread, except for {@link #lastRejection}.
 */
public final class ErrorTexts {
  static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final int MIN_STATUS = 300;
  private static final int MAX_STATUS = 599;

  private final LossLog lossLog;
  private final LongSupplier clock;
  private final InstantSource wallClock;

  /** When the next text of a status may be kept. Advances before a text is decoded. */
  private final long[] nextAt = new long[MAX_STATUS - MIN_STATUS + 1];

  private volatile MirrorStats.@Nullable Rejection lastRejection;

  /**
   * @param clock measures intervals
   * @param wallClock the time of rejections, as shown
   */
  public ErrorTexts(LossLog lossLog, LongSupplier clock, InstantSource wallClock) {
    this.lossLog = lossLog;
    this.clock = clock;
    this.wallClock = wallClock;
    Arrays.fill(nextAt, clock.getAsLong());
  }

  /**
   * Returns whether to keep the text of a response that ends a copy. If so, the next text of this
   * status, or for this log line, is not wanted. Does not allocate.
   */
  public boolean claim(int status) {
    if (status < MIN_STATUS || status > MAX_STATUS) {
      return false;
    }
    long now = clock.getAsLong();
    if (now - nextAt[status - MIN_STATUS] < 0) {
      return lossLog.claimDetail(now);
    }
    nextAt[status - MIN_STATUS] = now + INTERVAL_NANOS;
    return true;
  }

  /**
   * Keeps the text of a response that has just ended a copy. Throws nothing.
   *
   * @param text in one line, without secrets; empty if the response had no body
   */
  public void keep(Outcome outcome, int status, String text) {
    if (outcome != Outcome.REJECTED && outcome != Outcome.THROTTLED) {
      return;
    }
    try {
      lastRejection = new MirrorStats.Rejection(wallClock.instant(), status, text);
    } catch (Throwable t) {
      // Out of memory: the previous one stays.
    }
  }

  /** Returns the last rejection whose text was kept, or null. Any thread. */
  public MirrorStats.@Nullable Rejection lastRejection() {
    return lastRejection;
  }
}
