package io.github.requestmirror.internal.dispatch;

import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;

/** The delays of a back-off, which double, with jitter, so that gateways do not probe together. */
final class BackoffDelays {
  static final long FIRST = TimeUnit.MILLISECONDS.toNanos(100);
  static final long LAST = TimeUnit.SECONDS.toNanos(5);
  private static final double JITTER = 0.2;

  private final DoubleSupplier random;

  /**
   * @param random from 0 to 1; 0.5 for no jitter
   */
  BackoffDelays(DoubleSupplier random) {
    this.random = random;
  }

  /** Returns the delay after this one; the first after 0. */
  long next(long delay) {
    return delay == 0 ? FIRST : Math.min(2 * delay, LAST);
  }

  long jittered(long delay) {
    return (long) (delay * (1 + JITTER * (2 * random.getAsDouble() - 1)));
  }
}
