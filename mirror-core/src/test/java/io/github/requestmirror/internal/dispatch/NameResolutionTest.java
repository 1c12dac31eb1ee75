package io.github.requestmirror.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Capture;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.internal.send.TestSenders;
import io.github.requestmirror.testing.TestTarget;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The HTTP sender with DNS lookups that block or fail. */
class NameResolutionTest {
  @RegisterExtension final TestPipeline pipeline = new TestPipeline();
  private final TestTarget server = new TestTarget();
  private final CountDownLatch release = new CountDownLatch(1);

  @AfterEach
  void closeServer() {
    release.countDown();
    server.close();
  }

  private void start(TestSenders.Lookup lookup) {
    pipeline
        .threaded()
        .target(
            target ->
                MirrorTarget.builder(URI.create("http://secondary.test:" + server.port()))
                    .name("test")
                    .connectTimeout(Duration.ofMillis(200))
                    .dnsRefreshInterval(Duration.ofMillis(100)))
        .sending(target -> TestSenders.start(target, lookup));
  }

  private static InetAddress[] loopback() {
    return new InetAddress[] {InetAddress.getLoopbackAddress()};
  }

  private InetAddress[] blockThenResolve() throws UnknownHostException {
    try {
      release.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return loopback();
  }

  @Test
  void blockingLookupDelaysNeitherStartNorCapture() {
    start(host -> blockThenResolve());
    long start = System.nanoTime();
    Capture first = pipeline.open("POST", "/");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
    start = System.nanoTime();
    first.complete();
    for (int i = 0; i < 100; i++) {
      pipeline.open("POST", "/" + i).complete();
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
    await().until(() -> pipeline.count(Outcome.CONNECT_FAILED) > 0);
    pipeline.closeNow();
    assertThat(pipeline.count(Outcome.CONNECT_FAILED) + pipeline.count(Outcome.TARGET_DOWN))
        .isLessThanOrEqualTo(101);
  }

  @Test
  void connectFails_untilLookupSucceeds() {
    AtomicInteger lookups = new AtomicInteger();
    start(
        host -> {
          if (lookups.incrementAndGet() < 3) {
            throw new UnknownHostException(host);
          }
          return loopback();
        });
    pipeline.get("/early");
    await().until(() -> pipeline.count(Outcome.CONNECT_FAILED) == 1);
    await()
        .untilAsserted(
            () -> {
              pipeline.clock().advance(Duration.ofSeconds(5));
              pipeline.get("/later");
              assertThat(pipeline.count(Outcome.ACCEPTED)).isPositive();
            });
    await().until(() -> pipeline.ended() == pipeline.offered());
  }

  @Test
  void resolvesTheHostNameAndSendsItAsHost() {
    AtomicReference<String> resolved = new AtomicReference<>();
    start(
        host -> {
          resolved.set(host);
          return loopback();
        });
    pipeline.get("/");
    await().until(() -> pipeline.count(Outcome.ACCEPTED) == 1);
    assertThat(resolved).hasValue("secondary.test");
    assertThat(server.requests().get(0).header("Host"))
        .isEqualTo("secondary.test:" + server.port());
  }

  /** No server listens on the first address; the same exchange tries the second. */
  @Test
  void triesAllAddresses() {
    start(
        host ->
            new InetAddress[] {
              InetAddress.getByAddress(new byte[] {127, 0, 0, 2}), InetAddress.getLoopbackAddress()
            });
    for (int i = 0; i < 4; i++) {
      pipeline.get("/" + i);
      int expected = i + 1;
      await().until(() -> pipeline.ended() == expected);
      server.closeConnections();
    }
    assertThat(pipeline.count(Outcome.ACCEPTED)).isEqualTo(4);
  }
}
