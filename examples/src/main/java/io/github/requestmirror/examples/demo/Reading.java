package io.github.requestmirror.examples.demo;

import io.github.requestmirror.MirrorStats;
import java.time.Duration;
import org.HdrHistogram.Histogram;

/**
 * The values of all counters at one time.
 *
 * @param at time since the start of the first phase
 * @param span time that the rate and the latencies refer to
 * @param latencies of the requests that were acknowledged in the span, in microseconds
 * @param atPrimary samples that the primary holds
 * @param atSecondary samples that the secondary holds
 * @param mirror the mirror's own statistics
 */
record Reading(
    Duration at,
    Duration span,
    Histogram latencies,
    long atPrimary,
    long atSecondary,
    MirrorStats.Target mirror) {

  long requestsPerSecond() {
    return Math.round(latencies.getTotalCount() * 1e9 / Math.max(1, span.toNanos()));
  }

  /** Returns a percentile of the latencies in milliseconds. */
  double latency(double percentile) {
    return latencies.getValueAtPercentile(percentile) / 1000.0;
  }
}
