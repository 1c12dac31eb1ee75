package io.github.requestmirror.examples.demo;

import java.time.Duration;

/**
 * The load of the demo and the durations of its phases.
 *
 * @param shards the sender's concurrency
 * @param seriesPerShard also the samples in each request
 * @param requestsPerSecond of all shards
 * @param warmUp minimum time before the first phase, not measured; up to three times that on a busy
 *     machine
 * @param steady see {@link Phase#STEADY}
 * @param hangs see {@link Phase#HANGS}
 * @param refuses see {@link Phase#REFUSES}
 * @param back see {@link Phase#BACK}
 */
record Plan(
    int shards,
    int seriesPerShard,
    int requestsPerSecond,
    Duration warmUp,
    Duration steady,
    Duration hangs,
    Duration refuses,
    Duration back) {

  /** Returns the plan of the demo: half a minute. */
  static Plan full() {
    return new Plan(
        8,
        200,
        400,
        Duration.ofSeconds(3),
        Duration.ofSeconds(8),
        Duration.ofSeconds(7),
        Duration.ofSeconds(7),
        Duration.ofSeconds(9));
  }

  Duration time(Phase phase) {
    return switch (phase) {
      case STEADY -> steady;
      case HANGS -> hangs;
      case REFUSES -> refuses;
      case BACK -> back;
    };
  }
}
