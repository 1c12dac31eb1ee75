package io.github.requestmirror.gateway;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs failed exchanges with the primary: at most one line per second, with their number and the
 * latest reason.
 */
final class FailureLog {
  private static final Logger logger = LoggerFactory.getLogger(PrimaryProxy.class);
  private static final long INTERVAL = TimeUnit.SECONDS.toNanos(1);

  private final AtomicLong next = new AtomicLong(System.nanoTime());
  private final AtomicLong count = new AtomicLong();

  void log(Throwable failure) {
    count.incrementAndGet();
    long now = System.nanoTime();
    long due = next.get();
    if (now - due >= 0 && next.compareAndSet(due, now + INTERVAL)) {
      logger.warn(
          "{} requests failed at the primary; latest failure: {}",
          count.getAndSet(0),
          failure.toString());
    }
  }
}
