package io.github.requestmirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.TestTls;
import io.github.requestmirror.testing.Wire;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
  private static TestTls tls;
  private static TestTarget server;

  @RegisterExtension final Conservation conservation = new Conservation();

  @BeforeAll
  static void startServer(@TempDir Path folder) throws Exception {
    tls = TestTls.create(folder);
    server = new TestTarget(tls.server());
  }

  @AfterAll
  static void closeServer() {
    server.close();
  }

  private Mirror start(MirrorTarget.Builder target) {
    return conservation.watch(
        Mirror.start(
            target.name("secondary").maxQueueTime(Duration.ofMillis(500)).build(),
            MirrorPolicy.builder().build()));
  }

  private static MirrorTarget.Builder target(String host, int port) {
    return MirrorTarget.builder(URI.create("https://" + host + ":" + port));
  }

  private static long count(Mirror mirror, Outcome outcome) {
    return mirror.stats().target("secondary").count(outcome);
  }

  @Test
  void sendsToTrustedTarget() {
    Mirror mirror = start(target("127.0.0.1", server.port()).sslContext(tls.client()));
    byte[] body = Wire.bytes(300_000, 1);
    int before = server.requests().size();
    for (int i = 0; i < 3; i++) {
      Wire.post(mirror, "/a|b?c=%2F", body);
      Conservation.awaitSettled(mirror);
    }
    assertThat(count(mirror, Outcome.ACCEPTED)).isEqualTo(3);
    for (HttpMessage got : server.requests().subList(before, before + 3)) {
      assertThat(got.requestTarget()).isEqualTo("/a|b?c=%2F");
      assertThat(got.body()).isEqualTo(body);
    }
  }

  @Test
  void connectFails_untrustedCertificate() {
    Mirror mirror = start(target("127.0.0.1", server.port()));
    Wire.get(mirror, "/");
    Conservation.awaitSettled(mirror);
    assertThat(count(mirror, Outcome.CONNECT_FAILED)).isEqualTo(1);
    assertThat(mirror.stats().target("secondary").up()).isFalse();
  }

  @Test
  void connectFails_certificateOfAnotherHost() {
    Mirror mirror = start(target("localhost", server.port()).sslContext(tls.client()));
    Wire.get(mirror, "/");
    Conservation.awaitSettled(mirror);
    assertThat(count(mirror, Outcome.CONNECT_FAILED)).isEqualTo(1);
  }

  @Test
  void connectFails_targetWithoutTls() {
    try (TestTarget plain =
        new TestTarget()
            .respondEarly("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", 16)) {
      Mirror mirror = start(target("127.0.0.1", plain.port()).sslContext(tls.client()));
      Wire.get(mirror, "/");
      Conservation.awaitSettled(mirror);
      assertThat(count(mirror, Outcome.CONNECT_FAILED)).as("%s", mirror.stats()).isEqualTo(1);
    }
  }

  @Test
  void connectFails_handshakeTimeout() {
    try (TestTarget silent = new TestTarget().readNothing()) {
      Mirror mirror =
          start(
              target("127.0.0.1", silent.port())
                  .sslContext(tls.client())
                  .connectTimeout(Duration.ofMillis(200))
                  .callTimeout(Duration.ofSeconds(10)));
      long start = System.nanoTime();
      Wire.get(mirror, "/");
      Conservation.awaitSettled(mirror);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
      assertThat(count(mirror, Outcome.CONNECT_FAILED)).as("%s", mirror.stats()).isEqualTo(1);
    }
  }
}
