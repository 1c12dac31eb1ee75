package io.github.requestmirror.benchmarks.load;

/**
 * What the clients of a timed run saw. Latencies are in microseconds; in an open loop they start
 * when a request was due, in a closed loop when it was sent.
 *
 * @param responses with a 2xx status
 * @param failures other responses and broken connections
 * @param due requests of an open loop that were due; in a closed loop those that were sent
 * @param longestWaitMillis of any request, with a response or without
 * @param stalledConnections those whose request has waited for a second, or half of a shorter run,
 *     at the end
 * @param perSecond responses in each second
 */
public record LoadResult(
    long responses,
    long failures,
    long due,
    double seconds,
    double p50,
    double p90,
    double p99,
    double p999,
    double longestWaitMillis,
    int stalledConnections,
    long[] perSecond) {

  public double requestsPerSecond() {
    return responses / seconds;
  }
}
