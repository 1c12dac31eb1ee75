package io.github.requestmirror.gateway;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs requests that failed: at most one line per second, with their number and the latest reason.
 */
final class FailureLog {
  private static final Logger logger = LoggerFactory.getLogger(PrimaryProxy.class);
  private static final long INTERVAL = TimeUnit.SECONDS.toNanos(1);
  private static final int MAX_REASON = 300;

  private final String what;
  private final AtomicLong next = new AtomicLong(System.nanoTime());
  private final AtomicLong count = new AtomicLong();

  /**
   * Creates a log.
   *
   * @param what happened to the requests, such as {@code failed at the primary}
   */
  FailureLog(String what) {
    this.what = what;
  }

  void log(String reason) {
    count.incrementAndGet();
    long now = System.nanoTime();
    long due = next.get();
    if (now - due >= 0 && next.compareAndSet(due, now + INTERVAL)) {
      logger.warn(
          "{} requests {}; latest: {}",
          count.getAndSet(0),
          what,
          reason.length() > MAX_REASON ? reason.substring(0, MAX_REASON) + "..." : reason);
    }
  }
}
