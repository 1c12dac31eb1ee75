package io.github.requestmirror.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.LogGuard;
import io.github.requestmirror.testing.RawClient;
import io.github.requestmirror.testing.TestTarget;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** TLS towards the primary, with an authority and a client certificate of its own. */
class PrimaryTlsTest {
  @TempDir private static Path dir;
  private static TlsFiles primaryFiles;
  private static TlsFiles otherFiles;

  @RegisterExtension final LogGuard guard = new LogGuard();
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final TestTarget secondary = new TestTarget();

  @BeforeAll
  static void createFiles() throws Exception {
    primaryFiles = TlsFiles.create(Files.createDirectory(dir.resolve("primary")));
    otherFiles = TlsFiles.create(Files.createDirectory(dir.resolve("other")));
  }

  @AfterEach
  void close() {
    ((Logger) LoggerFactory.getLogger(PrimaryProxy.class)).detachAppender(log);
    secondary.close();
  }

  private Gateway start(String primary, TlsFiles authority) {
    return Gateway.start(
        GatewayOptions.parse(
            "--bind=127.0.0.1",
            "--listen=0",
            "--admin=0",
            "--match=all",
            "--primary=" + primary,
            "--primary-ca-file=" + authority.certificate(),
            "--primary-certificate-file=" + primaryFiles.certificate(),
            "--primary-private-key-file=" + primaryFiles.key(),
            "--target=" + secondary.uri()));
  }

  private static HttpMessage get(Gateway gateway) throws Exception {
    try (RawClient client = new RawClient(gateway.port())) {
      return client.exchange(new byte[0], "GET / HTTP/1.1", "Host: h");
    }
  }

  @Test
  void clientCertificateIsSentToAPrimaryOfTheAuthority() throws Exception {
    // The context of the gateway trusts the certificate that it also has.
    GatewayOptions same =
        GatewayOptions.parse(
            "--primary=https://p",
            "--primary-ca-file=" + primaryFiles.certificate(),
            "--primary-certificate-file=" + primaryFiles.certificate(),
            "--primary-private-key-file=" + primaryFiles.key(),
            "--target=http://s");
    CompletableFuture<String> name = new CompletableFuture<>();
    try (SSLServerSocket listener =
        (SSLServerSocket)
            Objects.requireNonNull(same.primaryTls())
                .getServerSocketFactory()
                .createServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      listener.setNeedClientAuth(true);
      listener.setSoTimeout(10_000);
      Thread primary =
          new Thread(
              () -> {
                try (SSLSocket accepted = (SSLSocket) listener.accept()) {
                  accepted.setSoTimeout(10_000);
                  HttpMessage.read(accepted.getInputStream());
                  name.complete(accepted.getSession().getPeerPrincipal().getName());
                  accepted
                      .getOutputStream()
                      .write("HTTP/1.1 207 X\r\nContent-Length: 0\r\n\r\n".getBytes(ISO_8859_1));
                } catch (Exception e) {
                  name.completeExceptionally(e);
                }
              });
      primary.start();
      try (Gateway gateway = start("https://127.0.0.1:" + listener.getLocalPort(), primaryFiles)) {
        assertThat(get(gateway).status()).isEqualTo(207);
      }
      assertThat(name.get(10, TimeUnit.SECONDS)).isEqualTo("CN=secondary");
      primary.join(10_000);
    }
    await().untilAsserted(() -> assertThat(secondary.requests()).hasSize(1));
  }

  @Test
  void primaryOfAnotherAuthority_502AndTheLineSaysSo() throws Exception {
    assertRefused("127.0.0.1", otherFiles, "PKIX path");
  }

  @Test
  void primaryWithTheCertificateOfAnotherHost_502AndTheLineSaysSo() throws Exception {
    assertRefused("localhost", primaryFiles, "localhost");
  }

  private void assertRefused(String host, TlsFiles authority, String reason) throws Exception {
    log.start();
    ((Logger) LoggerFactory.getLogger(PrimaryProxy.class)).addAppender(log);
    try (TestTarget primary = new TestTarget(primaryFiles.tls().server());
        Gateway gateway = start("https://" + host + ":" + primary.port(), authority)) {
      HttpMessage response = get(gateway);
      assertThat(response.status()).isEqualTo(502);
      assertThat(response.body()).asString().contains("the connection to the primary failed");
      assertThat(primary.requests()).isEmpty();
    }
    assertThat(log.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .anySatisfy(line -> assertThat(line).contains("SSLHandshakeException").contains(reason));
  }
}
