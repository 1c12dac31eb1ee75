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
 * What the filter costs a request that no policy wants. With {@code -prof gc} it shows that nothing
 * is allocated; {@code withoutFilter} is the same request past the filter.
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

  /** What the filter passed on. */
  private ServletRequest passed = unmatched;

  private final FilterChain chain = (request, response) -> passed = request;

  private Mirror writes;
  private Mirror everything;
  private Mirror off;
  private MirrorFilter writesFilter;
  private MirrorFilter everythingFilter;
  private MirrorFilter offFilter;

  /** Starts a mirror for each reason not to want a request. */
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

  /** Ends the mirrors. */
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

  /** The policy is about other requests. */
  @Benchmark
  public ServletRequest notMatched() throws IOException, ServletException {
    writesFilter.doFilter(unmatched, response, chain);
    return passed;
  }

  /** The policy matches, and its deny set says no. */
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
