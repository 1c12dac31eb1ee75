package io.github.requestmirror.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies of 100 MiB, in a heap that holds one copy of one and little else. */
class LargeBodyTest {
  private static final int PARTS = 100;
  private static final byte[] PART = Wire.bytes(1 << 20, 1);

  @RegisterExtension final Conservation conservation = new Conservation();
  private final DigestServer primary = new DigestServer();
  private final DigestServer target = new DigestServer();
  private final OkHttpClient plain = new OkHttpClient();

  /** Keeps of a body only what it takes to know it again. */
  private static final class DigestServer implements AutoCloseable {
    final BlockingQueue<String> digests = new LinkedBlockingQueue<>();
    private final HttpServer server;

    DigestServer() {
      try {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
      server.createContext("/", this::handle);
      server.start();
    }

    private void handle(HttpExchange exchange) throws IOException {
      MessageDigest digest = sha256();
      byte[] buffer = new byte[65_536];
      try (DigestInputStream in = new DigestInputStream(exchange.getRequestBody(), digest)) {
        while (in.read(buffer) >= 0) {
          // All of it.
        }
      }
      digests.add(HexFormat.of().formatHex(digest.digest()));
      exchange.sendResponseHeaders(204, -1);
      exchange.close();
    }

    URI uri() {
      return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
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

  @AfterEach
  void end() {
    plain.dispatcher().executorService().shutdownNow();
    plain.connectionPool().evictAll();
    primary.close();
    target.close();
  }

  private static RequestBody body(boolean declared) {
    return InterceptorFixture.body(
        declared ? (long) PARTS * PART.length : -1,
        sink -> {
          for (int i = 0; i < PARTS; i++) {
            sink.write(PART);
          }
        });
  }

  private static String expected() {
    MessageDigest digest = sha256();
    for (int i = 0; i < PARTS; i++) {
      digest.update(PART);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private void push(Mirror mirror, RequestBody body) throws Exception {
    OkHttpClient client = plain.newBuilder().addInterceptor(new MirrorInterceptor(mirror)).build();
    Request request = new Request.Builder().url(primary.uri() + "/push").post(body).build();
    try (Response response = client.newCall(request).execute()) {
      assertThat(response.code()).isEqualTo(204);
    }
    assertThat(primary.digests.poll(10, TimeUnit.SECONDS)).isEqualTo(expected());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void withLimitsRaisedTheCopyIsTheSame(boolean declared) throws Exception {
    Mirror mirror =
        conservation.watch(
            Mirror.start(
                MirrorTarget.builder(target.uri())
                    .bufferBytes(120 << 20)
                    .maxBodyBytes(110 << 20)
                    .build(),
                MirrorPolicy.builder().build()));
    push(mirror, body(declared));
    assertThat(target.digests.poll(30, TimeUnit.SECONDS)).isEqualTo(expected());
    Conservation.awaitSettled(mirror);
    assertThat(mirror.stats().targets().get(0).count(Outcome.ACCEPTED)).isEqualTo(1);
  }

  @Test
  void beyondTheLimitsItIsServedAndCounted() throws Exception {
    Mirror mirror =
        conservation.watch(
            Mirror.start(MirrorTarget.of(target.uri()), MirrorPolicy.builder().build()));
    push(mirror, body(true));
    push(mirror, body(false));
    Conservation.awaitSettled(mirror);
    assertThat(mirror.stats().targets().get(0).count(Outcome.BODY_TOO_LARGE)).isEqualTo(2);
    assertThat(target.digests).isEmpty();
  }
}
