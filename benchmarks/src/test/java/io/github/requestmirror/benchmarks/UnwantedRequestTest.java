package io.github.requestmirror.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import jakarta.servlet.ServletRequest;
import java.lang.management.ManagementFactory;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests that no policy mirrors are passed on unwrapped and allocate only the head's view. */
class UnwantedRequestTest {
  /** A record with one reference; escape analysis usually removes the allocation. */
  private static final int HEAD_VIEW_BYTES = 16;

  private static final int REQUESTS = 200_000;
  private static final UnwantedRequestBenchmark benchmark = new UnwantedRequestBenchmark();

  static Stream<Arguments> kinds() {
    benchmark.start();
    return Stream.of(
        kind("not matched", benchmark::notMatched),
        kind("denied", benchmark::denied),
        kind("disabled", benchmark::disabled));
  }

  private static Arguments kind(String name, Callable<ServletRequest> request) {
    return Arguments.of(name, request);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("kinds")
  void unwantedRequest_isNotWrappedAndAllocatesNothing(
      String name, Callable<ServletRequest> request) throws Exception {
    assertThat(request.call()).isExactlyInstanceOf(BareRequest.class);
    allocated(request);
    assertThat(allocated(request)).as("bytes per request").isLessThanOrEqualTo(HEAD_VIEW_BYTES);
  }

  private static double allocated(Callable<ServletRequest> request) throws Exception {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < REQUESTS; i++) {
      request.call();
    }
    long bytes = threads.getCurrentThreadAllocatedBytes() - before;
    // Measuring and JIT compilation allocate a little too.
    return Math.floor((double) bytes / REQUESTS);
  }

  @AfterAll
  static void close() {
    benchmark.close();
  }
}
