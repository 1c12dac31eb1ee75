package io.github.requestmirror.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.testing.TestTarget;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged gateway finds its parts for ALPN and HTTP/2. */
class ClientTlsIT {
  @Test
  void http2OverTls(@TempDir Path dir) throws Exception {
    TlsFiles files = TlsFiles.create(dir);
    byte[] body = new byte[500_000];
    new Random(7).nextBytes(body);
    try (TestTarget primary =
            new TestTarget(files.tls().server()).behave(TestTarget.respond(200, "ok"));
        TestTarget secondary = new TestTarget();
        GatewayProcess gateway =
            GatewayProcess.start(
                URI.create("https://127.0.0.1:" + primary.port()),
                secondary.uri(),
                "--listen-certificate-file=" + files.certificate(),
                "--listen-private-key-file=" + files.key(),
                "--primary-ca-file=" + files.certificate())) {
      HttpResponse<String> response =
          HttpClient.newBuilder()
              .sslContext(files.tls().client())
              .build()
              .send(
                  HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + gateway.port() + "/it"))
                      .timeout(Duration.ofSeconds(20))
                      .POST(
                          HttpRequest.BodyPublishers.ofInputStream(
                              () -> new ByteArrayInputStream(body)))
                      .build(),
                  HttpResponse.BodyHandlers.ofString());

      assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
      assertThat(response.body()).isEqualTo("ok");
      assertThat(primary.requests().get(0).body()).isEqualTo(body);
      await().untilAsserted(() -> assertThat(secondary.requests()).hasSize(1));
      assertThat(secondary.requests().get(0).body()).isEqualTo(body);
      assertThat(gateway.err())
          .noneMatch(line -> line.contains(" WARN ") || line.contains(" ERROR "));
    }
  }
}
