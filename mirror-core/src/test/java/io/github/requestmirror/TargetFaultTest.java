package io.github.requestmirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Targets that are down or misbehave. */
class TargetFaultTest {
  @RegisterExtension final Conservation conservation = new Conservation();
  private final TestTarget server = new TestTarget();

  @AfterEach
  void closeServer() {
    server.close();
  }

  private MirrorTarget.Builder target() {
    return MirrorTarget.builder(server.uri())
        .name("secondary")
        .callTimeout(Duration.ofMillis(300))
        .drainTimeout(Duration.ZERO);
  }

  private Mirror start(MirrorTarget.Builder target) {
    return conservation.watch(
        Mirror.start(target.build(), MirrorPolicy.builder().order(MirrorOrder.NONE).build()));
  }

  private static long count(Mirror mirror, Outcome outcome) {
    return mirror.stats().target("secondary").count(outcome);
  }

  private static void post(Mirror mirror) {
    Wire.post(mirror, "/", new byte[100]);
  }

  @Test
  void timesOutWhenTheTargetHangsAndSendsLaterCopies() {
    server.behave(server.hang());
    Mirror mirror = start(target().maxInFlight(2));
    for (int i = 0; i < 4; i++) {
      post(mirror);
    }
    await().until(() -> server.requests().size() == 2);
    server.behave(TestTarget.status(204));
    Conservation.awaitSettled(mirror);
    assertThat(count(mirror, Outcome.TIMEOUT)).isEqualTo(2);
    assertThat(count(mirror, Outcome.ACCEPTED)).isEqualTo(2);
    for (int i = 0; i < 10; i++) {
      post(mirror);
    }
    Conservation.awaitSettled(mirror);
    assertThat(count(mirror, Outcome.ACCEPTED)).isEqualTo(12);
  }

  @Test
  void retriesTheWholeCopyAfterRetryAfter() {
    List<Long> times = new CopyOnWriteArrayList<>();
    server.behave(
        (request, out) -> {
          times.add(System.nanoTime());
          String response =
              switch (times.size()) {
                case 1 -> "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After: 1\r\n\r\n";
                case 2 -> "HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n";
                default -> "HTTP/1.1 204 Done\r\n\r\n";
              };
          out.write(response.getBytes(StandardCharsets.US_ASCII));
          out.flush();
        });
    Mirror mirror = start(target().callTimeout(Duration.ofSeconds(10)).maxRetries(2));
    byte[] body = Wire.bytes(300_000, 1);
    Wire.post(mirror, "/push", body);
    Conservation.awaitSettled(mirror);
    assertThat(count(mirror, Outcome.ACCEPTED)).isEqualTo(1);
    assertThat(mirror.stats().target("secondary").retries()).isEqualTo(2);
    assertThat(server.requests())
        .hasSize(3)
        .allSatisfy(request -> assertThat(request.body()).isEqualTo(body));
    assertThat(Duration.ofNanos(times.get(1) - times.get(0)))
        .isGreaterThanOrEqualTo(Duration.ofSeconds(1));
    assertThat(Duration.ofNanos(times.get(2) - times.get(1)))
        .isBetween(Duration.ofMillis(200), Duration.ofSeconds(1));
  }

  @Test
  void timesOutWhenTheTargetDoesNotRead() {
    server.readNothing();
    Mirror mirror = start(target().maxInFlight(2));
    for (int i = 0; i < 4; i++) {
      Wire.post(mirror, "/", new byte[5 << 20]);
    }
    Conservation.awaitSettled(mirror);
    assertThat(count(mirror, Outcome.TIMEOUT)).isEqualTo(4);
    assertThat(server.connectionsAccepted()).isEqualTo(4);
  }

  @Test
  void refusedConnectionOpensTheBreakerUntilTheTargetIsBack() {
    server.refuse();
    Mirror mirror = start(target());
    post(mirror);
    await().until(() -> count(mirror, Outcome.CONNECT_FAILED) == 1);
    await().until(() -> !mirror.stats().target("secondary").up());
    for (int i = 0; i < 100; i++) {
      post(mirror);
    }
    assertThat(count(mirror, Outcome.TARGET_DOWN)).isGreaterThanOrEqualTo(95);
    server.resumeListening();
    await()
        .pollInterval(Duration.ofMillis(20))
        .untilAsserted(
            () -> {
              post(mirror);
              assertThat(mirror.stats().target("secondary").up()).isTrue();
            });
    long accepted = count(mirror, Outcome.ACCEPTED);
    for (int i = 0; i < 10; i++) {
      post(mirror);
    }
    Conservation.awaitSettled(mirror);
    assertThat(count(mirror, Outcome.ACCEPTED)).isGreaterThanOrEqualTo(accepted + 10);
    // Few connections were attempted while the target was down.
    assertThat(count(mirror, Outcome.CONNECT_FAILED)).isLessThan(10);
  }

  @Test
  void countsResetConnectionAsIoError() {
    server.behave(TestTarget.reset());
    Mirror mirror = start(target().callTimeout(Duration.ofSeconds(10)));
    for (int i = 0; i < 5; i++) {
      post(mirror);
      Conservation.awaitSettled(mirror);
    }
    assertThat(count(mirror, Outcome.IO_ERROR)).isEqualTo(5);
    server.behave(TestTarget.status(204));
    post(mirror);
    Conservation.awaitSettled(mirror);
    assertThat(count(mirror, Outcome.ACCEPTED)).isEqualTo(1);
  }

  @Test
  void runOf503OpensTheBreaker() {
    server.behave(TestTarget.status(503));
    Mirror mirror = start(target());
    for (int i = 0; i < 10; i++) {
      post(mirror);
      Conservation.awaitSettled(mirror);
    }
    assertThat(count(mirror, Outcome.UNAVAILABLE)).isEqualTo(10);
    assertThat(mirror.stats().target("secondary").up()).isFalse();
    for (int i = 0; i < 100; i++) {
      post(mirror);
    }
    assertThat(count(mirror, Outcome.TARGET_DOWN)).isGreaterThanOrEqualTo(95);
    server.behave(TestTarget.status(400));
    await()
        .pollInterval(Duration.ofMillis(20))
        .untilAsserted(
            () -> {
              post(mirror);
              assertThat(mirror.stats().target("secondary").up()).isTrue();
            });
  }

  @Test
  void callTimeoutLimitsTheTotalTimeOfASlowResponse() {
    server.behave(
        (request, out) -> {
          out.write(
              "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
                  .getBytes(StandardCharsets.ISO_8859_1));
          for (int i = 0; i < 1000; i++) {
            out.write('x');
            out.flush();
            LockSupport.parkNanos(20_000_000);
          }
        });
    Mirror mirror = start(target());
    post(mirror);
    Conservation.awaitSettled(mirror);
    assertThat(count(mirror, Outcome.TIMEOUT)).isEqualTo(1);
  }

  /** A server with a full backlog does not accept connections, so that a connect hangs. */
  @Test
  void connectTimeoutEndsAConnectThatHangs() throws IOException {
    try (ServerSocket full = new ServerSocket()) {
      full.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
      List<Socket> filling = new ArrayList<>();
      try {
        while (filling.size() < 10 && connects(full, filling)) {
          // Fills the backlog.
        }
        assumeTrue(filling.size() < 10, "backlog does not fill");
        Mirror mirror =
            start(
                MirrorTarget.builder(URI.create("http://127.0.0.1:" + full.getLocalPort()))
                    .name("secondary")
                    .connectTimeout(Duration.ofMillis(200))
                    .callTimeout(Duration.ofSeconds(5))
                    .maxQueueTime(Duration.ofMillis(500)));
        long start = System.nanoTime();
        post(mirror);
        Conservation.awaitSettled(mirror);
        assertThat(count(mirror, Outcome.CONNECT_FAILED)).isEqualTo(1);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
      } finally {
        filling.forEach(TargetFaultTest::close);
      }
    }
  }

  private static boolean connects(ServerSocket server, List<Socket> connected) {
    Socket socket = new Socket();
    try {
      socket.connect(server.getLocalSocketAddress(), 100);
      connected.add(socket);
      return true;
    } catch (IOException e) {
      close(socket);
      return false;
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void cancelledConnectReturnsItsConnectionToThePool() throws IOException {
    try (ServerSocket full = new ServerSocket()) {
      full.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
      List<Socket> filling = new ArrayList<>();
      try {
        while (filling.size() < 10 && connects(full, filling)) {
          // Fills the backlog.
        }
        assumeTrue(filling.size() < 10, "backlog does not fill");
        Mirror mirror =
            start(
                MirrorTarget.builder(URI.create("http://127.0.0.1:" + full.getLocalPort()))
                    .name("secondary")
                    .maxInFlight(1)
                    .connectTimeout(Duration.ofSeconds(20))
                    .callTimeout(Duration.ofMillis(200)));
        for (int i = 0; i < 5; i++) {
          post(mirror);
        }
        Conservation.awaitSettled(mirror);
        assertThat(count(mirror, Outcome.TIMEOUT)).isEqualTo(5);
      } finally {
        filling.forEach(TargetFaultTest::close);
      }
    }
  }

  /**
   * A copy that was not sent because its connection had just been closed is sent on another
   * connection. In rare cases a copy is written to a connection that is being closed, and lost.
   */
  @Test
  void sendsOnAnotherConnection_whenAnIdleConnectionWasClosed() {
    List<Throwable> causes = new CopyOnWriteArrayList<>();
    Mirror mirror =
        conservation.watch(
            Mirror.builder()
                .target(
                    target().callTimeout(Duration.ofSeconds(5)).build(),
                    MirrorPolicy.builder().build())
                .listener(
                    event -> {
                      Throwable cause = event.cause();
                      if (cause != null) {
                        causes.add(cause);
                      }
                    })
                .start());
    for (int i = 0; i < 50; i++) {
      post(mirror);
      Conservation.awaitSettled(mirror);
      server.closeConnections();
      post(mirror);
      Conservation.awaitSettled(mirror);
    }
    assertThat(causes).hasSizeLessThan(5);
    assertThat(count(mirror, Outcome.ACCEPTED)).isGreaterThan(95);
  }

  @Test
  void opensNewConnectionAfterTimeToLive() {
    Mirror mirror =
        start(
            target()
                .callTimeout(Duration.ofSeconds(10))
                .connectionTimeToLive(Duration.ofMillis(50)));
    for (int i = 0; i < 5; i++) {
      post(mirror);
      Conservation.awaitSettled(mirror);
      // Waits for the time to live; there is no condition to wait for.
      await().pollDelay(Duration.ofMillis(60)).until(() -> true);
    }
    assertThat(count(mirror, Outcome.ACCEPTED)).isEqualTo(5);
    assertThat(server.connectionsAccepted()).isEqualTo(5);
  }
}
