package io.github.requestmirror.benchmarks.gateway;

/**
 * One measurement of a variant. NaN is what a scenario does not measure.
 *
 * @param round the same for all variants that were measured one after another
 * @param cpu microseconds of the gateway for each request, the copies included
 * @param jit microseconds of the JIT compiler for each request, which are not in {@code cpu}
 * @param p50 a latency in microseconds, as the others
 * @param longestWaitMillis of any request, with a response or without
 * @param stalledConnections whose request has waited for a second, or half of a shorter run, at the
 *     end
 * @param allocated bytes for each request, NaN for what is not a JVM
 * @param delivered copies that have reached the secondary, for each request and target
 * @param drainMillis time between the last response and the last copy
 * @param full copies that had no room in the buffer
 * @param backlog the largest number of copies without an outcome, when it was looked at
 */
record Sample(
    String scenario,
    String variant,
    String secondary,
    int bodyBytes,
    int fork,
    int round,
    double requestsPerSecond,
    double cpu,
    double jit,
    double p50,
    double p90,
    double p99,
    double p999,
    double longestWaitMillis,
    double stalledConnections,
    double failures,
    double allocated,
    double delivered,
    double drainMillis,
    double full,
    double backlog) {

  /** The scenario of a secondary that misbehaves. */
  static final String FAULT = "fault";

  /** The same for the first time in the life of the JVMs, whose compiler has not seen it yet. */
  static final String FIRST_FAULT = "first fault";

  /** Collects what is known of a sample; the rest is NaN. */
  static final class Builder {
    private final String scenario;
    private final Variant variant;
    private final String secondary;
    private final int bodyBytes;
    private final int fork;
    private final int round;
    double requestsPerSecond = Double.NaN;
    double cpu = Double.NaN;
    double jit = Double.NaN;
    double p50 = Double.NaN;
    double p90 = Double.NaN;
    double p99 = Double.NaN;
    double p999 = Double.NaN;
    double longestWaitMillis = Double.NaN;
    double stalledConnections = Double.NaN;
    double failures = Double.NaN;
    double allocated = Double.NaN;
    double delivered = Double.NaN;
    double drainMillis = Double.NaN;
    double full = Double.NaN;
    double backlog = Double.NaN;

    Builder(
        String scenario, Variant variant, String secondary, int bodyBytes, int fork, int round) {
      this.scenario = scenario;
      this.variant = variant;
      this.secondary = secondary;
      this.bodyBytes = bodyBytes;
      this.fork = fork;
      this.round = round;
    }

    Sample build() {
      return new Sample(
          scenario,
          variant.option(),
          secondary,
          bodyBytes,
          fork,
          round,
          requestsPerSecond,
          cpu,
          jit,
          p50,
          p90,
          p99,
          p999,
          longestWaitMillis,
          stalledConnections,
          failures,
          allocated,
          delivered,
          drainMillis,
          full,
          backlog);
    }
  }
}
