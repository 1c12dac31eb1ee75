package io.github.requestmirror.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorStats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Checks after every test: each request has one outcome, nothing is pending, no bytes are held, and
 * after the mirrors are closed none of their threads is left.
 */
public final class Conservation implements AfterEachCallback {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final List<Mirror> mirrors = new ArrayList<>();

  /** Registers a mirror, to be closed and checked after the test. */
  public Mirror watch(Mirror mirror) {
    mirrors.add(mirror);
    return mirror;
  }

  /** Waits until all requests offered so far have ended, and checks the statistics. */
  public static void awaitSettled(Mirror mirror) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(2))
        .untilAsserted(() -> assertSettled(mirror));
  }

  private static void assertSettled(Mirror mirror) {
    for (MirrorStats.Target target : mirror.stats().targets()) {
      assertThat(target.pending()).as("pending of %s", target).isZero();
      assertThat(target.offered())
          .as("offered of %s", target)
          .isEqualTo(target.responded() + target.failed() + target.dropped() + target.skipped());
      assertThat(target.bufferedBytes()).as("bytes held for %s", target).isZero();
      assertThat(target.queued()).as("queued of %s", target).isZero();
      assertThat(target.inFlight()).as("in flight of %s", target).isZero();
    }
  }

  @Override
  public void afterEach(ExtensionContext context) {
    List<Mirror> watched = List.copyOf(mirrors);
    mirrors.clear();
    try {
      if (context.getExecutionException().isEmpty()) {
        watched.forEach(Conservation::awaitSettled);
      }
    } finally {
      // Closes all mirrors even after a failure, which would otherwise affect the next tests.
      watched.forEach(Mirror::close);
    }
    watched.forEach(Conservation::assertSettled);
    awaitNoThreads();
  }

  /** Waits until no thread of any mirror is alive. */
  public static void awaitNoThreads() {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(2))
        .untilAsserted(
            () ->
                assertThat(Thread.getAllStackTraces().keySet())
                    .filteredOn(thread -> thread.getName().startsWith("mirror-"))
                    .isEmpty());
  }
}
