package io.github.requestmirror.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.requestmirror.testing.TestTls;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS by PEM files, in handshakes with a server that requires a client certificate. */
class PemContextTest {
  @TempDir private static Path dir;

  private static Path certificate;
  private static Path key;
  private static Path otherKey;

  @BeforeAll
  static void createFiles() throws Exception {
    certificate = dir.resolve("certificate.pem");
    key = dir.resolve("key.pem");
    otherKey = dir.resolve("other-key.pem");
    write(Files.createDirectory(dir.resolve("one")), certificate, key);
    write(Files.createDirectory(dir.resolve("two")), dir.resolve("other.pem"), otherKey);
  }

  private static void write(Path store, Path certificate, Path key) throws Exception {
    TestTls.create(store);
    char[] password = "changeit".toCharArray();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store.resolve("server.p12"))) {
      keys.load(in, password);
    }
    // Text around it, as openssl writes it, and line breaks of Windows.
    Files.writeString(
        certificate,
        "subject=CN=x\r\n" + pem("CERTIFICATE", keys.getCertificate("server").getEncoded()));
    Files.writeString(
        key, "Bag Attributes\n" + pem("PRIVATE KEY", keys.getKey("server", password).getEncoded()));
  }

  private static String pem(String label, byte[] bytes) {
    String lines = Base64.getMimeEncoder().encodeToString(bytes);
    return "-----BEGIN " + label + "-----\r\n" + lines + "\r\n-----END " + label + "-----\r\n";
  }

  /** Returns the name of the client certificate that the server sees. */
  private static String handshake(SSLContext server, SSLContext client) throws Exception {
    try (SSLServerSocket listener =
        (SSLServerSocket)
            server
                .getServerSocketFactory()
                .createServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      listener.setNeedClientAuth(true);
      listener.setSoTimeout(10_000);
      CompletableFuture<String> seen = new CompletableFuture<>();
      Thread thread =
          new Thread(
              () -> {
                try (SSLSocket accepted = (SSLSocket) listener.accept()) {
                  accepted.setSoTimeout(10_000);
                  seen.complete(accepted.getSession().getPeerPrincipal().getName());
                } catch (SSLPeerUnverifiedException e) {
                  seen.complete("nobody");
                } catch (IOException e) {
                  seen.completeExceptionally(e);
                }
              });
      thread.start();
      try (SSLSocket socket =
          (SSLSocket)
              client
                  .getSocketFactory()
                  .createSocket(InetAddress.getLoopbackAddress(), listener.getLocalPort())) {
        socket.setSoTimeout(10_000);
        socket.startHandshake();
        return seen.get(10, TimeUnit.SECONDS);
      } finally {
        thread.join(10_000);
      }
    }
  }

  @Test
  void trustsTheAuthorityAndSendsTheClientCertificate() throws Exception {
    SSLContext context = PemContext.of(certificate, certificate, key);
    assertThat(handshake(context, context)).isEqualTo("CN=secondary");
  }

  @Test
  void sendsNoCertificateWithoutOne() throws Exception {
    SSLContext server = PemContext.of(certificate, certificate, key);
    assertThat(handshake(server, PemContext.of(certificate, null, null))).isEqualTo("nobody");
  }

  @Test
  void trustsOnlyTheAuthority() {
    SSLContext server = PemContext.of(certificate, certificate, key);
    SSLContext client = PemContext.of(dir.resolve("other.pem"), certificate, key);
    assertThatThrownBy(() -> handshake(server, client))
        .isInstanceOf(SSLException.class)
        .hasStackTraceContaining("CertPathValidatorException");
  }

  @Test
  void settingsOfATargetUseTheFiles() {
    assertThat(
            MirrorSettings.parse(
                    Map.of(
                        "target", "https://a",
                        "caFile", certificate.toString(),
                        "certificateFile", certificate.toString(),
                        "privateKeyFile", key.toString()))
                .targets()
                .get(0)
                .sslContext())
        .isNotNull();
  }

  @Test
  void keyOfAnotherCertificateIsRefused() {
    assertThatThrownBy(() -> PemContext.of(null, certificate, otherKey))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "file " + otherKey + " is not the private key of the certificate in " + certificate);
  }

  @Test
  void fileWithoutCertificateIsRefused() {
    assertThatThrownBy(() -> PemContext.of(key, null, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("file " + key + " has no ");
  }

  @Test
  void fileWithAnInvalidKeyIsRefused() throws Exception {
    Path broken = dir.resolve("broken.pem");
    Files.writeString(broken, pem("PRIVATE KEY", new byte[] {1}));
    assertThatThrownBy(() -> PemContext.of(null, certificate, broken))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("file " + broken + " has no valid private key for a certificate of EC");
  }

  @Test
  void keyOfAnotherFormIsRefusedAndTheConversionNamed() throws Exception {
    Path old = dir.resolve("rsa.pem");
    Files.writeString(old, pem("RSA PRIVATE KEY", new byte[] {1}));
    assertThatThrownBy(() -> PemContext.of(null, certificate, old))
        .hasMessageContaining("openssl pkcs8 -topk8 -nocrypt");
  }
}
