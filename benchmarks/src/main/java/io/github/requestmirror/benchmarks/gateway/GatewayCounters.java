package io.github.requestmirror.benchmarks.gateway;

import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * What a {@link BenchmarkGateway} counts.
 *
 * @param allocated bytes of its live threads
 * @param responded copies with a response
 * @param pending copies without an outcome
 * @param full copies that had no room in the buffer
 * @param heap bytes in use
 * @param gcMillis time of the garbage collector
 */
record GatewayCounters(
    long allocated, long responded, long pending, long full, long heap, long gcMillis) {
  static final GatewayCounters NONE = new GatewayCounters(0, 0, 0, 0, 0, 0);

  /** Returns one line, for {@link #parse}. */
  String line() {
    return String.join(
        " ",
        LongStream.of(allocated, responded, pending, full, heap, gcMillis)
            .mapToObj(Long::toString)
            .toList());
  }

  static GatewayCounters parse(String line) {
    long[] all = Stream.of(line.split(" ")).mapToLong(Long::parseLong).toArray();
    return new GatewayCounters(all[0], all[1], all[2], all[3], all[4], all[5]);
  }
}
