package io.github.requestmirror.client.contract;

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
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies of 100 MiB, in a heap that can hold one copy of one body and little else. */
abstract class LargeBodyContract extends ContractFixture {
  private static final int PARTS = 100;
  private static final byte[] PART = Wire.bytes(1 << 20, 1);

  private final DigestServer digestingPrimary = closedAtTheEnd(new DigestServer());
  private final DigestServer digestingTarget = closedAtTheEnd(new DigestServer());

  LargeBodyContract(TestClient.Factory factory) {
    super(factory);
  }

  /** A server that keeps only the digests of the bodies. */
  private static final class DigestServer implements AutoCloseable {
    private final List<String> digests = new CopyOnWriteArrayList<>();
    private final HttpServer server;

    DigestServer() {
      try {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      server.createContext("/", this::handle);
      server.start();
    }

    private void handle(HttpExchange exchange) throws IOException {
      try (exchange) {
        MessageDigest digest = sha256();
        InputStream in = new DigestInputStream(exchange.getRequestBody(), digest);
        in.transferTo(OutputStream.nullOutputStream());
        digests.add(HexFormat.of().formatHex(digest.digest()));
        exchange.sendResponseHeaders(204, -1);
      }
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

  private static String expected() {
    MessageDigest digest = sha256();
    for (int i = 0; i < PARTS; i++) {
      digest.update(PART);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private void post(Mirror mirror, boolean declared) throws Exception {
    TestBody body = TestBody.of(PART, PARTS, declared);
    TestRequest request = TestRequest.post(digestingPrimary.uri() + PUSH, body);
    assertThat(mirrored().start(request).result().status()).isEqualTo(204);
    assertThat(digestingPrimary.digests).containsExactly(expected());
    Conservation.awaitSettled(mirror);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void bodyOfExactlyTheLimitIsCopied(boolean declared) throws Exception {
    Mirror mirror =
        start(
            MirrorTarget.builder(digestingTarget.uri())
                .bufferBytes(120 << 20)
                .maxBodyBytes(100 << 20)
                .callTimeout(Duration.ofSeconds(60))
                .build(),
            MirrorPolicy.builder().build());
    post(mirror, declared);
    assertThat(digestingTarget.digests).containsExactly(expected());
    assertOutcomes(Outcome.ACCEPTED);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void bodyBeyondTheLimitIsCounted(boolean declared) throws Exception {
    Mirror mirror = start(MirrorTarget.of(digestingTarget.uri()), MirrorPolicy.builder().build());
    post(mirror, declared);
    assertThat(digestingTarget.digests).isEmpty();
    assertOutcomes(Outcome.BODY_TOO_LARGE);
  }
}
