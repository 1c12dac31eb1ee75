package io.github.requestmirror.examples.demo;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * The response times of a cluster.
 *
 * @param least minimum in milliseconds of a usual request
 * @param most maximum in milliseconds of a usual request
 * @param slowPercent percentage of slow requests
 * @param slow milliseconds of a slow request, varied by 30 %
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
