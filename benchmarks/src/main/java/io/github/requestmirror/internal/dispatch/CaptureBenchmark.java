package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Outcome;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The capture of a body, and the whole life of a copy without its I/O. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class CaptureBenchmark {
  /** Jetty's proxy reads in such pieces. */
  private static final int PIECE = 16 << 10;

  @Param({"16384", "131072", "1048576"})
  int bodyBytes;

  private final byte[] piece = new byte[PIECE];
  private IdlePipeline pipeline;

  @Setup
  public void start() {
    pipeline = new IdlePipeline(bodyBytes);
  }

  @TearDown
  public void close() {
    pipeline.close();
  }

  private Capture capture() {
    Capture capture = pipeline.open();
    for (int written = 0; written < bodyBytes; written += PIECE) {
      capture.write(piece, 0, Math.min(PIECE, bodyBytes - written));
    }
    return capture;
  }

  /** A copy that ends before it is sent. */
  @Benchmark
  public Capture captureAndAbandon() {
    Capture capture = capture();
    capture.abandon(Outcome.BODY_INCOMPLETE);
    capture.primaryResponded(204);
    pipeline.settle();
    return capture;
  }

  /** A copy that is sent to a target which responds at once. */
  @Benchmark
  public Capture captureAndSend() {
    Capture capture = capture();
    capture.complete();
    capture.primaryResponded(204);
    pipeline.settle();
    return capture;
  }
}
