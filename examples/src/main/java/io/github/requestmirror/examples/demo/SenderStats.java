package io.github.requestmirror.examples.demo;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/** What the sender's shards count. */
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

  /** Samples, each counted once however often its request was repeated. */
  long sent() {
    return sent.sum();
  }

  long acknowledged() {
    return acknowledged.sum();
  }

  /** The latencies in microseconds, retries included, since the last call. */
  Histogram latencies() {
    return latencies.getIntervalHistogram();
  }
}
