package io.github.requestmirror.examples.demo;

import io.github.requestmirror.MirrorStats;

/**
 * The results of one phase.
 *
 * @param phase the phase
 * @param requestsPerSecond acknowledged by the primary
 * @param p50 of the sender's latency, in milliseconds
 * @param p99 of the sender's latency, in milliseconds
 * @param responded copies with a response of the secondary
 * @param failed copies that were sent but have no response
 * @param dropped copies that were not sent because of a limit
 */
record PhaseResult(
    Phase phase,
    long requestsPerSecond,
    double p50,
    double p99,
    long responded,
    long failed,
    long dropped) {

  static PhaseResult of(Phase phase, MirrorStats.Target before, Reading after) {
    return new PhaseResult(
        phase,
        after.requestsPerSecond(),
        after.latency(50),
        after.latency(99),
        after.mirror().responded() - before.responded(),
        after.mirror().failed() - before.failed(),
        after.mirror().dropped() - before.dropped());
  }
}
