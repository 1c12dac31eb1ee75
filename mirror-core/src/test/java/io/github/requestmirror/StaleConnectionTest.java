package io.github.requestmirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.Heads;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.Wire;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A target that closes a reused connection just as a copy is sent on it. */
class StaleConnectionTest {
  private static final byte[] BODY = Wire.bytes(20_000, 1);

  @RegisterExtension final Conservation conservation = new Conservation();
  private final TestTarget server = new TestTarget();
  private final AtomicInteger requests = new AtomicInteger();
  private final Mirror mirror =
      conservation.watch(
          Mirror.start(
              MirrorTarget.builder(server.uri()).name("secondary").build(),
              MirrorPolicy.builder().build()));

  @AfterEach
  void closeServer() {
    server.close();
  }

  /** Responds to the first request; resets the connection of the following ones. */
  private void resetAfterTheFirst(int resets) {
    server.behave(
        (request, out) -> {
          int number = requests.incrementAndGet();
          boolean reset = number > 1 && number <= 1 + resets;
          (reset ? TestTarget.reset() : TestTarget.status(204)).handle(request, out);
        });
  }

  private void send(String method, String... headers) {
    Wire.send(mirror, Heads.head(method, "/first"), new byte[0]);
    Conservation.awaitSettled(mirror);
    Wire.send(mirror, Heads.head(method, "/second", headers), BODY);
    Conservation.awaitSettled(mirror);
  }

  private long count(Outcome outcome) {
    return mirror.stats().target("secondary").count(outcome);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "PUT", "DELETE", "OPTIONS"})
  void repeatsIdempotentRequestOnNewConnection(String method) {
    resetAfterTheFirst(1);
    send(method);
    assertThat(count(Outcome.ACCEPTED)).isEqualTo(2);
    assertThat(server.requests()).hasSize(3);
    assertThat(server.requests().get(2).body()).isEqualTo(BODY);
    assertThat(mirror.stats().target("secondary").retries()).isEqualTo(1);
    assertThat(server.connectionsAccepted()).isEqualTo(2);
  }

  @Test
  void repeatsRemoteWrite() {
    resetAfterTheFirst(1);
    send("POST", "X-Prometheus-Remote-Write-Version", "0.1.0");
    assertThat(count(Outcome.ACCEPTED)).isEqualTo(2);
    assertThat(server.requests()).hasSize(3);
    assertThat(server.requests().get(2).body()).isEqualTo(BODY);
  }

  /** The target may have processed it. */
  @Test
  void doesNotRepeatOtherPost() {
    resetAfterTheFirst(1);
    send("POST");
    assertThat(count(Outcome.IO_ERROR)).isEqualTo(1);
    assertThat(server.requests()).hasSize(2);
    assertThat(mirror.stats().target("secondary").retries()).isZero();
  }

  @Test
  void repeatsOnce() {
    resetAfterTheFirst(2);
    send("GET");
    assertThat(count(Outcome.IO_ERROR)).isEqualTo(1);
    assertThat(server.requests()).hasSize(3);
    assertThat(mirror.stats().target("secondary").retries()).isEqualTo(1);
  }
}
