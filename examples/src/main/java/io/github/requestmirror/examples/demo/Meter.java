package io.github.requestmirror.examples.demo;

import io.github.requestmirror.MirrorStats;
import java.time.Duration;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;

/** Reads all counters of the demo, per row and per phase. Not thread-safe. */
final class Meter {
  private final SenderStats sender;
  private final SampleStore primary;
  private final SampleStore secondary;
  private final Supplier<MirrorStats.Target> mirror;
  private final long start = System.nanoTime();
  private final Span row = new Span();
  private final Span phase = new Span();

  Meter(
      SenderStats sender,
      SampleStore primary,
      SampleStore secondary,
      Supplier<MirrorStats.Target> mirror) {
    this.sender = sender;
    this.primary = primary;
    this.secondary = secondary;
    this.mirror = mirror;
    nextPhase();
  }

  private static final class Span {
    private final Histogram latencies = new Histogram(3);
    private long start;

    void begin(long now) {
      latencies.reset();
      start = now;
    }
  }

  /** Returns the values since the start of the row. */
  Reading row() {
    return read(row);
  }

  /** Returns the values since the start of the phase. */
  Reading phase() {
    return read(phase);
  }

  void nextRow() {
    row.begin(System.nanoTime());
  }

  void nextPhase() {
    collect();
    long now = System.nanoTime();
    row.begin(now);
    phase.begin(now);
  }

  private void collect() {
    Histogram latencies = sender.latencies();
    row.latencies.add(latencies);
    phase.latencies.add(latencies);
  }

  private Reading read(Span span) {
    collect();
    long now = System.nanoTime();
    return new Reading(
        Duration.ofNanos(now - start),
        Duration.ofNanos(now - span.start),
        span.latencies.copy(),
        primary.samples(),
        secondary.samples(),
        mirror.get());
  }
}
