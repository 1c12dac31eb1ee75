package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.Capture;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the primary's thread does after the last byte of a body: it hands the copy over to the
 * pipeline and reports the response. The bytes that {@code -prof gc} shows are those of the whole
 * copy, body included, because the profiler does not exclude the preparation.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class HandOverBenchmark {
  private static final int BATCH = 256;
  private static final int BODY_BYTES = 16 << 10;

  private final byte[] body = new byte[BODY_BYTES];
  private final Capture[] captures = new Capture[BATCH];
  private IdlePipeline pipeline;

  @Setup
  public void start() {
    pipeline = new IdlePipeline(BODY_BYTES);
  }

  @TearDown
  public void close() {
    pipeline.close();
  }

  @Setup(Level.Invocation)
  public void open() {
    for (int i = 0; i < BATCH; i++) {
      captures[i] = pipeline.open();
      captures[i].write(body, 0, body.length);
    }
  }

  @TearDown(Level.Invocation)
  public void settle() {
    pipeline.settle();
  }

  /** Completes a copy and reports the response. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void handOver() {
    for (Capture capture : captures) {
      capture.complete();
      capture.primaryResponding();
      capture.primaryResponded(204);
    }
  }
}
