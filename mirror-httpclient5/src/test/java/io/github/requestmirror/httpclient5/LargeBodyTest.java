package io.github.requestmirror.httpclient5;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.httpclient5.Poster.Client;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bodies of 100 MiB. */
class LargeBodyTest {
  private static final int SIZE = 100 << 20;

  @RegisterExtension final Conservation conservation = new Conservation();
  private final Digester primary = new Digester();
  private final Digester secondary = new Digester();

  @AfterEach
  void closeServers() {
    primary.close();
    secondary.close();
  }

  /** A server that keeps no more than the digests of what it gets. */
  private static final class Digester implements AutoCloseable {
    private final List<String> digests = new CopyOnWriteArrayList<>();
    private final HttpServer server;

    Digester() {
      try {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
      server.createContext("/", this::take);
      server.start();
    }

    private void take(HttpExchange exchange) throws IOException {
      try (exchange) {
        MessageDigest digest = sha256();
        InputStream in = new DigestInputStream(exchange.getRequestBody(), digest);
        in.transferTo(OutputStream.nullOutputStream());
        digests.add(HexFormat.of().formatHex(digest.digest()));
        exchange.sendResponseHeaders(204, -1);
      }
    }

    String uri() {
      return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void post(Client client, Mirror mirror) throws Exception {
    byte[] body = Wire.bytes(SIZE, 9);
    try (Poster poster = client.start(new MirrorExecChainHandler(mirror))) {
      assertThat(poster.post(primary.uri(), body)).isEqualTo(204);
    }
    assertThat(primary.digests).containsExactly(HexFormat.of().formatHex(sha256().digest(body)));
    Conservation.awaitSettled(mirror);
  }

  @ParameterizedTest
  @EnumSource
  void isMirroredIfTheLimitsAllowIt(Client client) throws Exception {
    Mirror mirror =
        conservation.watch(
            Mirror.start(
                MirrorTarget.builder(URI.create(secondary.uri()))
                    .name("secondary")
                    .bufferBytes(2L * SIZE)
                    .maxBodyBytes(SIZE)
                    .callTimeout(Duration.ofSeconds(60))
                    .build(),
                MirrorPolicy.builder().build()));
    post(client, mirror);
    assertThat(secondary.digests).isEqualTo(primary.digests);
  }

  @ParameterizedTest
  @EnumSource
  void isServedAndCountedIfTheyDoNot(Client client) throws Exception {
    Mirror mirror =
        conservation.watch(
            Mirror.start(
                MirrorTarget.builder(URI.create(secondary.uri())).name("secondary").build(),
                MirrorPolicy.builder().build()));
    post(client, mirror);
    MirrorStats.Target stats = mirror.stats().target("secondary");
    assertThat(stats.count(Outcome.BODY_TOO_LARGE)).isEqualTo(1);
    assertThat(secondary.digests).isEmpty();
  }
}
