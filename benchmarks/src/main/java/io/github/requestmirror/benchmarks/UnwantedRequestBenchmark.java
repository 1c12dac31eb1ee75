package io.github.requestmirror.benchmarks;

import io.github.requestmirror.Cortex;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.servlet.MirrorFilter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.URI;
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
 * The cost of the filter for a request that no policy mirrors. {@code -prof gc} shows that the
 * filter allocates nothing. The baseline {@code withoutFilter} calls the chain directly.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class UnwantedRequestBenchmark {
  private final ServletRequest unmatched = new BareRequest("GET", "/api/v1/query");
  private final ServletRequest denied = new BareRequest("POST", "/ingester/shutdown");
  private final HttpServletResponse response =
      (HttpServletResponse)
          Proxy.newProxyInstance(
              UnwantedRequestBenchmark.class.getClassLoader(),
              new Class<?>[] {HttpServletResponse.class},
              (proxy, called, arguments) -> {
                throw new UnsupportedOperationException(called.toString());
              });

  /** The request that the filter passed to the chain. */
  private ServletRequest passed = unmatched;

  private final FilterChain chain = (request, response) -> passed = request;

  private Mirror writes;
  private Mirror everything;
  private Mirror off;
  private MirrorFilter writesFilter;
  private MirrorFilter everythingFilter;
  private MirrorFilter offFilter;

  /** Starts a mirror for each reason not to mirror a request. */
  @Setup
  public void start() {
    MirrorTarget target = MirrorTarget.of(URI.create("http://127.0.0.1:1"));
    writes = Mirror.start(target, Cortex.writes().build());
    everything = Mirror.start(target, Cortex.everything().build());
    off = Mirror.start(target, Cortex.everything().build());
    off.enabled(false);
    writesFilter = new MirrorFilter(writes);
    everythingFilter = new MirrorFilter(everything);
    offFilter = new MirrorFilter(off);
  }

  /** Closes the mirrors. */
  @TearDown
  public void close() {
    writes.close();
    everything.close();
    off.close();
  }

  /** The chain alone. */
  @Benchmark
  public ServletRequest withoutFilter() throws IOException, ServletException {
    chain.doFilter(unmatched, response);
    return passed;
  }

  /** The policy does not match the request. */
  @Benchmark
  public ServletRequest notMatched() throws IOException, ServletException {
    writesFilter.doFilter(unmatched, response, chain);
    return passed;
  }

  /** The policy matches, but its deny list contains the path. */
  @Benchmark
  public ServletRequest denied() throws IOException, ServletException {
    everythingFilter.doFilter(denied, response, chain);
    return passed;
  }

  /** The kill switch is off. */
  @Benchmark
  public ServletRequest disabled() throws IOException, ServletException {
    offFilter.doFilter(unmatched, response, chain);
    return passed;
  }
}
