package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.MirrorOrder;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.LogGuard;
import io.github.requestmirror.testing.RawClient;
import io.github.requestmirror.testing.TestTarget;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Faults of the target neither change nor delay the primary's responses. */
abstract class FaultContract extends ServletContract {
  /** Much longer than a response takes, much shorter than a wait for the target. */
  private static final Duration PROMPT = Duration.ofSeconds(2);

  @RegisterExtension final LogGuard log = new LogGuard();

  FaultContract(Container container) {
    super(container);
  }

  /** Faults of a target. */
  enum Fault {
    REFUSES {
      @Override
      void applyTo(TestTarget target) {
        target.refuse();
      }
    },
    HANGS {
      @Override
      void applyTo(TestTarget target) {
        target.behave(target.hang());
      }
    },
    READS_NOTHING {
      @Override
      void applyTo(TestTarget target) {
        target.readNothing();
      }
    },
    RESPONDS_500 {
      @Override
      void applyTo(TestTarget target) {
        target.behave(TestTarget.status(500));
      }
    },
    RESETS {
      @Override
      void applyTo(TestTarget target) {
        target.behave(TestTarget.reset());
      }
    },
    ENDLESS_RESPONSE {
      @Override
      void applyTo(TestTarget target) {
        target.behave(target.endless());
      }
    };

    abstract void applyTo(TestTarget target);
  }

  @ParameterizedTest
  @EnumSource
  void clientSeesNoDifference(Fault fault) throws Exception {
    fault.applyTo(target);
    // A request that waited for the target would take at least the call timeout.
    mirror(
        limits ->
            limits
                .callTimeout(PROMPT.multipliedBy(2))
                .maxInFlight(4)
                .bufferBytes(1 << 20)
                .maxBodyBytes(1 << 20)
                .drainTimeout(Duration.ZERO),
        policy -> policy);
    application((request, response) -> respond(response, request.getInputStream().readAllBytes()));
    List<String> without = serve(plainPort());
    assertThat(serve(mirroredPort())).isEqualTo(without);
    mirror().close();
    Conservation.awaitSettled(mirror());
  }

  @Test
  void responseOfTheTargetDoesNotReachTheClient() throws Exception {
    target.behave(TestTarget.respond(418, "the target's"));
    check(
        (request, response) -> {
          response.addHeader("X-From", "primary");
          respond(response, request.getInputStream().readAllBytes());
        },
        post(bytes(10)));
    assertOutcome(Outcome.REJECTED);
  }

  /** Fails if a full buffer or a closed mirror throws into the request. */
  @Test
  void fullBufferAndClosedMirrorDoNotAffectThePrimary() throws Exception {
    mirror(limits -> limits.bufferBytes(64 << 10).maxBodyBytes(32 << 10), policy -> policy);
    target.behave(target.hang());
    application((request, response) -> respond(response, request.getInputStream().readAllBytes()));
    try (RawClient client = new RawClient(mirroredPort())) {
      for (int i = 0; i < 20; i++) {
        assertThat(describe(push(client, 20_000))).contains("200", "20000 bytes");
      }
      assertThat(stats().count(Outcome.BUFFER_FULL)).isGreaterThan(10);
      mirror().close();
      assertThat(describe(push(client, 20_000))).contains("200", "20000 bytes");
    }
    assertThat(stats().offered()).isEqualTo(21);
  }

  private static HttpMessage push(RawClient client, int length) throws IOException {
    return client.exchange(
        bytes(length), lines("POST /push HTTP/1.1", "Content-Length: " + length));
  }

  /** Fails if each copy occupies a thread or creates a client. */
  @Test
  void hangingTargetOccupiesNoThreads() throws Exception {
    mirror(limits -> limits, policy -> policy.order(MirrorOrder.NONE));
    long before = mirrorThreads();
    target.behave(target.hang());
    application((request, response) -> respond(response, request.getInputStream().readAllBytes()));
    try (RawClient client = new RawClient(mirroredPort())) {
      for (int i = 0; i < 100; i++) {
        push(client, 10);
      }
    }
    await().until(() -> stats().inFlight() == 64 && stats().queued() == 36);
    // Some of the mirror's own threads may start after the first count.
    assertThat(mirrorThreads()).isLessThan(before + 5);
    mirror().close();
  }

  private static long mirrorThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("mirror-"))
        .count();
  }

  @Test
  void nothingIsLoggedOnThePrimarysThread() throws Exception {
    target.refuse();
    int before = log.warnings().size();
    Set<String> threads = ConcurrentHashMap.newKeySet();
    application(
        (request, response) -> {
          threads.add(Thread.currentThread().getName());
          respond(response, request.getInputStream().readAllBytes());
        });
    for (int i = 0; i < 50; i++) {
      try (RawClient client = new RawClient(mirroredPort())) {
        push(client, 10);
      }
    }
    mirror().close();
    assertThat(threads)
        .isNotEmpty()
        .allSatisfy(thread -> assertThat(log.aboveDebugBy(thread)).isEmpty());
    assertThat(log.warnings()).hasSizeLessThan(before + 5);
  }

  /** Sends more than the mirror can have in flight and in its buffer. */
  private static List<String> serve(int port) throws IOException {
    List<String> responses = new ArrayList<>();
    byte[] body = bytes(50_000);
    try (RawClient client = new RawClient(port)) {
      for (int i = 0; i < 40; i++) {
        long start = System.nanoTime();
        HttpMessage response =
            client.exchange(body, lines("POST /push HTTP/1.1", "Content-Length: 50000"));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PROMPT);
        responses.add(describe(response));
      }
    }
    return responses;
  }
}
