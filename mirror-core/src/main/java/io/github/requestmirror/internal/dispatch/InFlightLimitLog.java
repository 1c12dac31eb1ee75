package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.internal.accounting.GuardedLog;
import java.util.concurrent.TimeUnit;

/**
 * Logs when a target responds, but the limit of copies in flight makes others wait for long: then a
 * larger limit helps, up to the rate of requests times the latency. Confined to one thread.
 */
final class InFlightLimitLog {
  static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);
  static final long INTERVAL = TimeUnit.MINUTES.toNanos(5);

  private final String target;
  private final int maxInFlight;
  private final GuardedLog logger;

  private boolean limited;
  private long since;
  private long responses;
  private boolean logged;
  private long loggedAt;

  InFlightLimitLog(String target, int maxInFlight, GuardedLog logger) {
    this.target = target;
    this.maxInFlight = maxInFlight;
    this.logger = logger;
  }

  void onResponse() {
    responses++;
  }

  /**
   * Called when all that may be sent has been sent.
   *
   * @param waiting the number of copies that a free place would let go, as far as is known
   */
  void observe(int inFlight, int waiting, long now) {
    if (inFlight < maxInFlight || waiting == 0) {
      limited = false;
      return;
    }
    if (!limited) {
      limited = true;
      since = now;
      responses = 0;
    }
    long elapsed = now - since;
    if (elapsed >= PATIENCE
        && responses >= maxInFlight
        && (!logged || now - loggedAt >= INTERVAL)) {
      logged = true;
      loggedAt = now;
      log(waiting, elapsed);
    }
  }

  private void log(int waiting, long elapsed) {
    double perSecond = responses * (double) TimeUnit.SECONDS.toNanos(1) / elapsed;
    logger.warn(
        "mirror {}: maxInFlight is the limit: for {} s, {} copies have been in flight and others"
            + " have waited, now {}; the target responds to {} a second, after {} ms each",
        target,
        TimeUnit.NANOSECONDS.toSeconds(elapsed),
        maxInFlight,
        waiting,
        Math.round(perSecond),
        Math.round(1000 * maxInFlight / perSecond));
  }
}
