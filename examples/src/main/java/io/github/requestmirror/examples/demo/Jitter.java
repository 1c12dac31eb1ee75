package io.github.requestmirror.examples.demo;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * How long a cluster thinks about a request.
 *
 * @param least milliseconds, usually
 * @param most milliseconds, usually
 * @param slowPercent how many of a hundred requests take {@code slow} instead
 * @param slow milliseconds, more or less
 */
record Jitter(int least, int most, int slowPercent, int slow) {

  long nextNanos() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    double millis =
        random.nextInt(100) < slowPercent
            ? slow * random.nextDouble(0.7, 1.3)
            : least + random.nextDouble() * (most - least);
    return (long) (millis * TimeUnit.MILLISECONDS.toNanos(1));
  }
}
