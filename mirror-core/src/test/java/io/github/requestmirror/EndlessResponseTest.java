package io.github.requestmirror;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.EndlessResponse;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.TestTls;
import io.github.requestmirror.testing.Wire;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/**
 * An endless response uses bounded memory, does not block other copies and closes its connection.
 */
class EndlessResponseTest {
  private static TestTls tls;

  @RegisterExtension final Conservation conservation = new Conservation();
  private TestTarget server = new TestTarget();

  @BeforeAll
  static void createCertificate(@TempDir Path folder) throws Exception {
    tls = TestTls.create(folder);
  }

  @AfterEach
  void closeServer() {
    server.close();
  }

  private static MirrorTarget.Builder target(TestTarget server) {
    return MirrorTarget.builder(server.uri())
        .name("secondary")
        // A busy machine may take seconds for a TLS handshake.
        .connectTimeout(Duration.ofSeconds(EndlessResponse.SECONDS / 2))
        .callTimeout(Duration.ofSeconds(EndlessResponse.SECONDS / 2))
        .drainTimeout(Duration.ZERO);
  }

  private static MirrorPolicy unordered() {
    return MirrorPolicy.builder().order(MirrorOrder.NONE).build();
  }

  private static long count(Mirror mirror, Outcome outcome) {
    return mirror.stats().target("secondary").count(outcome);
  }

  /** One request gets the endless response; a concurrent one and later ones get 204. */
  private void assertOthersAreMirrored(MirrorTarget.Builder target, EndlessResponse response) {
    server.behave(
        (request, out) -> {
          boolean endless = request.requestTarget().equals("/endless");
          (endless ? response : TestTarget.status(204)).handle(request, out);
        });
    Mirror mirror = conservation.watch(Mirror.start(target.build(), unordered()));
    long start = System.nanoTime();
    Wire.post(mirror, "/endless", new byte[100]);
    Wire.post(mirror, "/", new byte[100]);
    Conservation.awaitSettled(mirror);
    for (int i = 0; i < 5; i++) {
      Wire.post(mirror, "/", new byte[100]);
    }
    Conservation.awaitSettled(mirror);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    // Another copy may be written to the connection before it is closed.
    long lost = response.isAfterResponse() ? 1 : 0;
    long accepted = count(mirror, Outcome.ACCEPTED);
    long failed = count(mirror, Outcome.IO_ERROR);
    long expected = response.outcome() == Outcome.ACCEPTED ? 7 : 6;
    assertThat(accepted).as("%s", mirror.stats()).isBetween(expected - lost, expected);
    assertThat(failed).as("%s", mirror.stats()).isEqualTo(7 - accepted);
  }

  @ParameterizedTest
  @EnumSource
  void closesConnectionAndMirrorsOthers(EndlessResponse response) {
    assertOthersAreMirrored(target(server), response);
  }

  @ParameterizedTest
  @EnumSource
  void closesConnectionAndMirrorsOthers_overTls(EndlessResponse response) {
    server.close();
    server = new TestTarget(tls.server());
    assertOthersAreMirrored(target(server).sslContext(tls.client()), response);
  }

  /** The limit for the rest of a response does not depend on the limit for its body. */
  @ParameterizedTest
  @EnumSource(
      value = EndlessResponse.class,
      names = {"HEADER_LINES", "CONTINUE", "EARLY_HINTS", "TRAILERS", "CHUNK_EXTENSION"})
  void closesConnectionAndMirrorsOthers_largeBodiesAllowed(EndlessResponse response) {
    assertOthersAreMirrored(target(server).maxResponseBytes(1 << 30), response);
  }

  @ParameterizedTest
  @EnumSource
  void mirrorsAgainAfterTheTargetRecovers(EndlessResponse response) {
    server.behave(response);
    // With one copy in flight, the next copy waits for the end of the endless response.
    Mirror mirror =
        conservation.watch(Mirror.start(target(server).maxInFlight(1).build(), unordered()));
    Wire.post(mirror, "/", new byte[100]);
    Conservation.awaitSettled(mirror);
    server.behave(TestTarget.status(200));
    Wire.post(mirror, "/", new byte[100]);
    Conservation.awaitSettled(mirror);
    assertThat(count(mirror, Outcome.ACCEPTED)).isGreaterThanOrEqualTo(1);
    assertThat(count(mirror, response.outcome())).isGreaterThanOrEqualTo(1);
    assertThat(count(mirror, Outcome.TIMEOUT)).as("%s", mirror.stats()).isZero();
  }

  /** A single endless response without a limit would fill the heap; here there are many at once. */
  @Test
  void survivesManyEndlessResponsesWithASmallHeap(@TempDir Path folder) throws Exception {
    List<String> options = List.of("-Xmx256m", "-XX:+ExitOnOutOfMemoryError");
    assertThat(ChildJvm.run(folder, options, SmallHeap.class))
        .contains("accepted 100 of 100 after all");
  }

  /** The program with the small heap. */
  static final class SmallHeap {
    private static final int AT_ONCE = 32;

    private SmallHeap() {}

    public static void main(String[] arguments) {
      // The log may contain text of the target.
      ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.OFF);
      try (TestTarget server = new TestTarget()) {
        for (EndlessResponse response : EndlessResponse.values()) {
          server.behave(together(response));
          try (Mirror mirror = start(server)) {
            for (int i = 0; i < AT_ONCE; i++) {
              Wire.post(mirror, "/", new byte[100]);
            }
            Conservation.awaitSettled(mirror);
            System.out.println(response + ": " + mirror.stats());
          }
        }
        Mirror mirror = start(server);
        server.behave(EndlessResponse.CONTINUE);
        Wire.post(mirror, "/", new byte[100]);
        Conservation.awaitSettled(mirror);
        server.behave(TestTarget.status(204));
        for (int i = 0; i < 100; i++) {
          Wire.post(mirror, "/", new byte[100_000]);
        }
        Conservation.awaitSettled(mirror);
        mirror.close();
        long accepted = count(mirror, Outcome.ACCEPTED);
        System.out.println("accepted " + accepted + " of 100 after all");
      }
    }

    /**
     * Responds when all requests have arrived. Failures of the first ones would open the circuit
     * breaker, and the last ones would wait.
     */
    private static TestTarget.Behaviour together(EndlessResponse response) {
      CountDownLatch arriving = new CountDownLatch(AT_ONCE);
      return (request, out) -> {
        arriving.countDown();
        try {
          assertThat(arriving.await(EndlessResponse.SECONDS, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
          throw new InterruptedIOException();
        }
        response.handle(request, out);
      };
    }

    private static Mirror start(TestTarget server) {
      return Mirror.start(target(server).maxInFlight(AT_ONCE).build(), unordered());
    }
  }
}
