package io.github.requestmirror.examples.demo;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/** The counters of the sender's shards. */
final class SenderStats {
  private final LongAdder requests = new LongAdder();
  private final LongAdder sent = new LongAdder();
  private final LongAdder acknowledged = new LongAdder();
  private final Recorder latencies = new Recorder(3);

  void sent(int samples) {
    requests.increment();
    sent.add(samples);
  }

  void acknowledged(int samples, long nanos) {
    acknowledged.add(samples);
    latencies.recordValue(TimeUnit.NANOSECONDS.toMicros(nanos));
  }

  long requests() {
    return requests.sum();
  }

  /** Returns the number of samples sent; repeats of a request do not count. */
  long sent() {
    return sent.sum();
  }

  long acknowledged() {
    return acknowledged.sum();
  }

  /** Returns the latencies since the last call in microseconds, including retries. */
  Histogram latencies() {
    return latencies.getIntervalHistogram();
  }
}
