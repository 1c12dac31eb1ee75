package io.github.requestmirror.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.TestTarget;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Clients speak TLS with the gateway, and HTTP/2 or HTTP/1.1 as they choose. */
class ClientTlsTest {
  private static final byte[] NOTHING = new byte[0];
  @TempDir private static Path dir;
  private static TlsFiles files;

  @RegisterExtension final Conservation conservation = new Conservation();
  private final TestTarget primary = new TestTarget().behave(TestTarget.respond(200, "ok"));
  private final TestTarget secondary = new TestTarget();
  private Gateway gateway;
  private HttpClient client;

  @BeforeAll
  static void createFiles() throws Exception {
    files = TlsFiles.create(dir);
  }

  @BeforeEach
  void start() {
    gateway =
        Gateway.start(
            GatewayOptions.parse(
                "--bind=127.0.0.1",
                "--listen=0",
                "--admin=0",
                "--match=all",
                "--listen-certificate-file=" + files.certificate(),
                "--listen-private-key-file=" + files.key(),
                "--primary=" + primary.uri(),
                "--target=" + secondary.uri()));
    conservation.watch(gateway.mirror());
    client = HttpClient.newBuilder().sslContext(files.tls().client()).build();
  }

  @AfterEach
  void stop() {
    gateway.close();
    primary.close();
    secondary.close();
  }

  private HttpRequest.Builder request(String method, String path, BodyPublisher body) {
    return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + gateway.port() + path))
        .timeout(Duration.ofSeconds(20))
        .method(method, body);
  }

  private HttpMessage exchange(String method, BodyPublisher body) throws Exception {
    HttpResponse<String> response =
        client.send(request(method, "/x?a=%2f", body).build(), BodyHandlers.ofString());
    assertThat(response.version()).isEqualTo(Version.HTTP_2);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo("ok");
    assertThat(primary.requests()).hasSize(1);
    await().untilAsserted(() -> assertThat(secondary.requests()).hasSize(1));
    HttpMessage forwarded = primary.requests().get(0);
    assertThat(secondary.requests().get(0).startLine()).isEqualTo(forwarded.startLine());
    assertThat(secondary.requests().get(0).body()).isEqualTo(forwarded.body());
    assertThat(forwarded.startLine()).isEqualTo(method + " /x?a=%2f HTTP/1.1");
    assertThat(forwarded.headers("Host")).containsExactly("127.0.0.1:" + gateway.port());
    return forwarded;
  }

  private static BodyPublisher ofUnknownLength(byte[] bytes) {
    return BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes));
  }

  private static byte[] random(long seed, int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  @Test
  void urlNamesHttpsForClientsAndHttpForTheAdminPort() {
    assertThat(gateway.toString())
        .contains("gateway listening on https://127.0.0.1:" + gateway.port())
        .contains("admin on http://127.0.0.1:" + gateway.adminPort());
  }

  @Test
  void bodyWithALengthKeepsIt() throws Exception {
    byte[] body = random(1, 3_000_000);
    HttpMessage forwarded = exchange("POST", BodyPublishers.ofByteArray(body));
    assertThat(forwarded.body()).isEqualTo(body);
    assertThat(forwarded.headers("Content-Length")).containsExactly("3000000");
    assertThat(forwarded.header("Transfer-Encoding")).isNull();
  }

  @Test
  void bodyWithoutALengthIsForwardedChunkedAndMirrored() throws Exception {
    byte[] body = random(2, 300_000);
    HttpMessage forwarded = exchange("POST", ofUnknownLength(body));
    assertThat(forwarded.body()).isEqualTo(body);
    assertThat(forwarded.headers("Transfer-Encoding")).containsExactly("chunked");
    assertThat(forwarded.header("Content-Length")).isNull();
  }

  @Test
  void bodyOfGetWithoutALengthIsForwardedAndMirrored() throws Exception {
    byte[] body = random(3, 1000);
    assertThat(exchange("GET", ofUnknownLength(body)).body()).isEqualTo(body);
  }

  @Test
  void getWithoutABodyHasNoFramingHeader() throws Exception {
    HttpMessage forwarded = exchange("GET", BodyPublishers.noBody());
    assertThat(forwarded.header("Transfer-Encoding")).isNull();
    assertThat(forwarded.header("Content-Length")).isNull();
  }

  @Test
  void bodyThatTurnsOutEmptyStaysEmpty() throws Exception {
    HttpMessage forwarded = exchange("PATCH", ofUnknownLength(NOTHING));
    assertThat(forwarded.body()).isEmpty();
    assertThat(secondary.requests().get(0).body()).isEmpty();
  }

  @Test
  void http1OnTheSamePort() throws Exception {
    HttpResponse<String> response =
        client.send(
            request("POST", "/one", BodyPublishers.ofString("one"))
                .version(Version.HTTP_1_1)
                .build(),
            BodyHandlers.ofString());
    assertThat(response.version()).isEqualTo(Version.HTTP_1_1);
    assertThat(primary.requests().get(0).body()).asString().isEqualTo("one");
    await().untilAsserted(() -> assertThat(secondary.requests()).hasSize(1));
  }

  @Test
  void concurrentStreamsAreMirroredByteForByte() throws Exception {
    // The first request opens the connection that the others share.
    client.send(request("GET", "/0", BodyPublishers.noBody()).build(), BodyHandlers.ofString());
    List<CompletableFuture<HttpResponse<String>>> responses = new ArrayList<>();
    Map<String, byte[]> sent = new HashMap<>();
    for (int i = 1; i <= 60; i++) {
      byte[] body = random(i, i * 1000);
      sent.put("/" + i, body);
      BodyPublisher publisher =
          i % 2 == 0 ? BodyPublishers.ofByteArray(body) : ofUnknownLength(body);
      responses.add(
          client.sendAsync(request("POST", "/" + i, publisher).build(), BodyHandlers.ofString()));
    }
    for (CompletableFuture<HttpResponse<String>> response : responses) {
      assertThat(response.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    }
    await().untilAsserted(() -> assertThat(secondary.requests()).hasSize(61));
    for (TestTarget cluster : List.of(primary, secondary)) {
      Map<String, byte[]> received =
          cluster.requests().stream()
              .filter(message -> !message.requestTarget().equals("/0"))
              .collect(Collectors.toMap(HttpMessage::requestTarget, HttpMessage::body));
      assertThat(received).hasSize(60);
      sent.forEach((path, body) -> assertThat(received).as(path).containsEntry(path, body));
    }
  }
}
