package io.github.requestmirror.benchmarks.micro;

import io.github.requestmirror.benchmarks.micro.UnwantedRequests.Reason;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The cost of the filter for a request that is not mirrored. {@code -prof gc} shows that the filter
 * allocates nothing. The baseline {@code withoutFilter} calls the chain directly.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class UnwantedRequestBenchmark {
  private UnwantedRequests requests;

  /** Starts a mirror for each reason not to mirror a request. */
  @Setup
  public void start() throws InterruptedException {
    requests = UnwantedRequests.start();
  }

  /** Closes the mirrors. */
  @TearDown
  public void close() {
    requests.close();
  }

  /** The chain alone. */
  @Benchmark
  public ServletRequest withoutFilter() throws IOException, ServletException {
    return requests.passUnfiltered();
  }

  /** The policy does not mirror the method. */
  @Benchmark
  public ServletRequest notMatched() throws IOException, ServletException {
    return requests.pass(Reason.NOT_MATCHED);
  }

  /** The policy mirrors the method, but not the path. */
  @Benchmark
  public ServletRequest pathNotMatched() throws IOException, ServletException {
    return requests.pass(Reason.PATH_NOT_MATCHED);
  }

  /** The policy matches, but its deny list contains the path. */
  @Benchmark
  public ServletRequest denied() throws IOException, ServletException {
    return requests.pass(Reason.DENIED);
  }

  /** The request is not part of the sample. */
  @Benchmark
  public ServletRequest notSampled() throws IOException, ServletException {
    return requests.pass(Reason.NOT_SAMPLED);
  }

  /** The target is down. A few requests are captured as probes. */
  @Benchmark
  public ServletRequest breakerOpen() throws IOException, ServletException {
    return requests.pass(Reason.BREAKER_OPEN);
  }

  /** The buffer has no room for the body. */
  @Benchmark
  public ServletRequest noRoom() throws IOException, ServletException {
    return requests.pass(Reason.NO_ROOM);
  }

  /** The kill switch is off. */
  @Benchmark
  public ServletRequest disabled() throws IOException, ServletException {
    return requests.pass(Reason.DISABLED);
  }
}
