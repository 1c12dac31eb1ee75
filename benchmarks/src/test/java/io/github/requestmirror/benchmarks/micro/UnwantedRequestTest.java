package io.github.requestmirror.benchmarks.micro;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.github.requestmirror.benchmarks.micro.UnwantedRequests.Reason;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests that are not mirrored are passed on unwrapped and allocate only the head's view. */
class UnwantedRequestTest {
  /** A view with two references; escape analysis usually removes the allocation. */
  private static final int HEAD_VIEW_BYTES = 24;

  private static final int REQUESTS = 200_000;

  /** A target that is down is tried again at least this rarely. */
  private static final int MAX_PROBES = 20;

  private static UnwantedRequests requests;

  @BeforeAll
  static void start() throws InterruptedException {
    requests = UnwantedRequests.start();
  }

  @AfterAll
  static void close() {
    if (requests != null) {
      requests.close();
    }
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  void requestThatIsNotMirrored_isNotWrappedAndAllocatesNothing(Reason reason) throws Exception {
    long before = requests.count(reason);
    allocated(reason);
    double bytes = allocated(reason);
    assertThat(requests.count(reason) - before)
        .as("requests that ended as %s", reason.outcome())
        .isBetween(2L * REQUESTS - MAX_PROBES, 2L * REQUESTS);
    assertThat(bytes).as("bytes per request").isLessThanOrEqualTo(HEAD_VIEW_BYTES);
  }

  private static double allocated(Reason reason) throws Exception {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    int wrapped = 0;
    for (int i = 0; i < REQUESTS; i++) {
      wrapped += requests.pass(reason) instanceof BareRequest ? 0 : 1;
    }
    long bytes = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(wrapped).as("wrapped requests").isLessThan(MAX_PROBES);
    // Measuring, JIT compilation and probes allocate a little too.
    return Math.floor((double) bytes / REQUESTS);
  }
}
