package io.github.requestmirror.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RawClient;
import io.github.requestmirror.testing.TestTarget;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Bodies that together exceed the heap. */
@Tag("matrix")
class LargeBodyIT {
  private static final int PIECES = 1600;
  private static final byte[] PIECE = new byte[1 << 16];

  static {
    new Random(42).nextBytes(PIECE);
  }

  private static HttpMessage upload(GatewayProcess gateway, boolean chunked) throws Exception {
    try (RawClient client = gateway.connect()) {
      client.send(
          new byte[0],
          "POST /large HTTP/1.1",
          "Host: h",
          chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + PIECES * PIECE.length);
      OutputStream out = client.out();
      byte[] size = (Integer.toHexString(PIECE.length) + "\r\n").getBytes(ISO_8859_1);
      byte[] end = "\r\n".getBytes(ISO_8859_1);
      for (int i = 0; i < PIECES; i++) {
        out.write(chunked ? size : new byte[0]);
        out.write(PIECE);
        out.write(chunked ? end : new byte[0]);
      }
      out.write(chunked ? "0\r\n\r\n".getBytes(ISO_8859_1) : new byte[0]);
      return client.receive(false);
    }
  }

  private static String expected() {
    CRC32 checksum = new CRC32();
    for (int i = 0; i < PIECES; i++) {
      checksum.update(PIECE);
    }
    return StreamingPrimary.summary((long) PIECES * PIECE.length, checksum);
  }

  private static double metric(GatewayProcess gateway, String name) throws Exception {
    Matcher line =
        Pattern.compile("^" + name + "(?:\\{.*})? (\\S+)$", Pattern.MULTILINE)
            .matcher(gateway.admin("GET", "/metrics").body());
    double sum = 0;
    while (line.find()) {
      sum += Double.parseDouble(line.group(1));
    }
    return sum;
  }

  @Test
  void requestBodiesAreStreamedAndCounted() throws Exception {
    ExecutorService clients = Executors.newFixedThreadPool(4);
    try (StreamingPrimary primary = new StreamingPrimary();
        TestTarget secondary = new TestTarget();
        GatewayProcess gateway = GatewayProcess.start(primary.uri(), secondary.uri())) {
      List<Future<HttpMessage>> uploads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        boolean chunked = i % 2 == 1;
        uploads.add(clients.submit(() -> upload(gateway, chunked)));
      }
      for (Future<HttpMessage> upload : uploads) {
        assertThat(upload.get().status()).isEqualTo(200);
        assertThat(upload.get().body()).asString().isEqualTo(expected());
      }
      await().untilAsserted(() -> assertThat(gateway.outcome("BODY_TOO_LARGE")).isEqualTo(4));
      assertThat(gateway.stats().at("/pending").asLong()).isZero();
      assertThat(gateway.stats().at("/bufferedBytes").asLong()).isZero();
      assertThat(secondary.requests()).isEmpty();
      assertThat(metric(gateway, "jvm_memory_max_bytes")).isPositive();
      assertThat(metric(gateway, "jvm_buffer_memory_used_bytes")).isLessThan(64 << 20);
      assertThat(gateway.err()).noneMatch(line -> line.contains("OutOfMemory"));
    } finally {
      clients.shutdownNow();
    }
  }

  @Test
  void responseBodyIsStreamed() throws Exception {
    try (TestTarget primary = new TestTarget();
        TestTarget secondary = new TestTarget();
        GatewayProcess gateway = GatewayProcess.start(primary.uri(), secondary.uri())) {
      primary.behave(
          (request, out) -> {
            out.write(
                ("HTTP/1.1 200 OK\r\nContent-Length: " + PIECES * PIECE.length + "\r\n\r\n")
                    .getBytes(ISO_8859_1));
            for (int i = 0; i < PIECES; i++) {
              out.write(PIECE);
            }
          });
      try (RawClient client = gateway.connect()) {
        client.send(new byte[0], "GET /large HTTP/1.1", "Host: h");
        await().untilAsserted(() -> assertThat(primary.requests()).hasSize(1));
        HttpMessage response = client.receive(false);
        assertThat(response.body()).hasSize(PIECES * PIECE.length);
        CRC32 checksum = new CRC32();
        checksum.update(response.body());
        assertThat(StreamingPrimary.summary(response.body().length, checksum))
            .isEqualTo(expected());
      }
      assertThat(metric(gateway, "jvm_buffer_memory_used_bytes")).isLessThan(64 << 20);
    }
  }
}
