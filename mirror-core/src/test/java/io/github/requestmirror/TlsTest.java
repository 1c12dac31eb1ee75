package io.github.requestmirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.Wire;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
  private static final char[] PASSWORD = "changeit".toCharArray();

  /** Its certificate names 127.0.0.1 and nothing else. */
  private static TlsServer server;

  private static SSLContext trusting;

  @RegisterExtension final Conservation conservation = new Conservation();

  @BeforeAll
  static void startServer(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("server.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "server",
                "-keyalg",
                "EC",
                "-dname",
                "CN=secondary",
                "-ext",
                "san=ip:127.0.0.1",
                "-validity",
                "30",
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                new String(PASSWORD))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("keytool.log").toFile())
            .start();
    assertThat(keytool.waitFor(30, TimeUnit.SECONDS)).isTrue();
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD);
    }
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD);
    SSLContext own = SSLContext.getInstance("TLS");
    own.init(keys.getKeyManagers(), null, null);
    server = new TlsServer(own);

    KeyStore certificates = KeyStore.getInstance("PKCS12");
    certificates.load(null, null);
    certificates.setCertificateEntry("server", store.getCertificate("server"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(certificates);
    trusting = SSLContext.getInstance("TLS");
    trusting.init(null, trust.getTrustManagers(), null);
  }

  @AfterAll
  static void closeServer() throws Exception {
    server.close();
  }

  private Mirror start(MirrorTarget.Builder target) {
    return conservation.watch(
        Mirror.start(
            target.name("secondary").maxAge(Duration.ofMillis(500)).build(),
            MirrorPolicy.builder().build()));
  }

  private static MirrorTarget.Builder target(String host, int port) {
    return MirrorTarget.builder(URI.create("https://" + host + ":" + port));
  }

  private static long count(Mirror mirror, Outcome outcome) {
    return mirror.stats().target("secondary").count(outcome);
  }

  @Test
  void trustedTargetGetsTheCopies() {
    Mirror mirror = start(target("127.0.0.1", server.port()).sslContext(trusting));
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
  void untrustedCertificateIsAFailedConnect() {
    Mirror mirror = start(target("127.0.0.1", server.port()));
    Wire.get(mirror, "/");
    Conservation.awaitSettled(mirror);
    assertThat(count(mirror, Outcome.CONNECT_FAILED)).isEqualTo(1);
    assertThat(mirror.stats().target("secondary").up()).isFalse();
  }

  @Test
  void certificateOfAnotherHostIsAFailedConnect() {
    Mirror mirror = start(target("localhost", server.port()).sslContext(trusting));
    Wire.get(mirror, "/");
    Conservation.awaitSettled(mirror);
    assertThat(count(mirror, Outcome.CONNECT_FAILED)).isEqualTo(1);
  }

  @Test
  void targetWithoutTlsIsAFailedConnect() {
    try (TestTarget plain =
        new TestTarget().answerEarly("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", 16)) {
      Mirror mirror = start(target("127.0.0.1", plain.port()).sslContext(trusting));
      Wire.get(mirror, "/");
      Conservation.awaitSettled(mirror);
      assertThat(count(mirror, Outcome.CONNECT_FAILED)).as("%s", mirror.stats()).isEqualTo(1);
    }
  }

  @Test
  void handshakeThatHangsIsAFailedConnectInTime() {
    try (TestTarget silent = new TestTarget().readNothing()) {
      Mirror mirror =
          start(
              target("127.0.0.1", silent.port())
                  .sslContext(trusting)
                  .connectTimeout(Duration.ofMillis(200))
                  .timeout(Duration.ofSeconds(10)));
      long start = System.nanoTime();
      Wire.get(mirror, "/");
      Conservation.awaitSettled(mirror);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
      assertThat(count(mirror, Outcome.CONNECT_FAILED)).as("%s", mirror.stats()).isEqualTo(1);
    }
  }

  /** Answers every request with 204. */
  private static final class TlsServer implements AutoCloseable {
    private final ServerSocket listening;
    private final List<HttpMessage> requests = new CopyOnWriteArrayList<>();

    TlsServer(SSLContext context) throws IOException {
      listening =
          context
              .getServerSocketFactory()
              .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
      daemon(this::accept);
    }

    private static void daemon(Runnable task) {
      Thread thread = new Thread(task, "tls-server");
      thread.setDaemon(true);
      thread.start();
    }

    private void accept() {
      try {
        while (true) {
          Socket connection = listening.accept();
          daemon(() -> serve(connection));
        }
      } catch (IOException e) {
        // Closed.
      }
    }

    private void serve(Socket connection) {
      try (connection) {
        InputStream in = new BufferedInputStream(connection.getInputStream());
        for (HttpMessage m = HttpMessage.read(in); m != null; m = HttpMessage.read(in)) {
          requests.add(m);
          connection
              .getOutputStream()
              .write("HTTP/1.1 204 OK\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
        }
      } catch (IOException e) {
        // The client did not like the certificate, or has gone.
      }
    }

    int port() {
      return listening.getLocalPort();
    }

    List<HttpMessage> requests() {
      return requests;
    }

    @Override
    public void close() throws IOException {
      listening.close();
    }
  }
}
