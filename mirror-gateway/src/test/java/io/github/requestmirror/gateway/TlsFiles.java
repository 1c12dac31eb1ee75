package io.github.requestmirror.gateway;

import io.github.requestmirror.testing.TestTls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;

/**
 * A new certificate for 127.0.0.1, which is its own authority, and its key as PEM files.
 *
 * @param certificate the file of the certificate
 * @param key the file of its private key
 * @param tls the same for servers and clients of the test
 */
record TlsFiles(Path certificate, Path key, TestTls tls) {
  static TlsFiles create(Path folder) throws Exception {
    TestTls tls = TestTls.create(folder);
    char[] password = "changeit".toCharArray();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(folder.resolve("server.p12"))) {
      keys.load(in, password);
    }
    return new TlsFiles(
        write(folder, "CERTIFICATE", keys.getCertificate("server").getEncoded()),
        write(folder, "PRIVATE KEY", keys.getKey("server", password).getEncoded()),
        tls);
  }

  private static Path write(Path folder, String label, byte[] bytes) throws IOException {
    String lines = Base64.getMimeEncoder().encodeToString(bytes);
    return Files.writeString(
        folder.resolve(label + ".pem"),
        "-----BEGIN " + label + "-----\n" + lines + "\n-----END " + label + "-----\n");
  }
}
