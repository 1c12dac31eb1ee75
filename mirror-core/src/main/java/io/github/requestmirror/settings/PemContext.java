package io.github.requestmirror.settings;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Creates a TLS context from PEM files (RFC 7468), as used by Prometheus and Kubernetes. */
final class PemContext {
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]*)-----END PRIVATE KEY-----");
  private static final char[] NO_PASSWORD = {};

  private PemContext() {}

  /**
   * Returns a context.
   *
   * @param authorities the certificates to trust; null for those of the JVM
   * @param chain the client certificate, followed by intermediate ones; null for none
   * @param key the private key of the client certificate, PKCS #8 without encryption
   * @throws IllegalArgumentException when a file cannot be used; the message says why
   */
  static SSLContext of(@Nullable Path authorities, @Nullable Path chain, @Nullable Path key) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          chain == null || key == null ? null : keyManagers(chain, key),
          authorities == null ? null : trustManagers(authorities),
          null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("TLS is not possible with these files: " + e, e);
    }
  }

  private static TrustManager[] trustManagers(Path file) throws GeneralSecurityException {
    KeyStore store = emptyStore();
    for (Certificate authority : certificates(file)) {
      store.setCertificateEntry("authority-" + store.size(), authority);
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  private static KeyManager[] keyManagers(Path chainFile, Path keyFile)
      throws GeneralSecurityException {
    Certificate[] chain = certificates(chainFile).toArray(Certificate[]::new);
    PublicKey publicKey = chain[0].getPublicKey();
    PrivateKey key = privateKey(keyFile, publicKey.getAlgorithm());
    requirePair(chainFile, publicKey, keyFile, key);
    KeyStore store = emptyStore();
    store.setKeyEntry("client", key, NO_PASSWORD, chain);
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, NO_PASSWORD);
    return factory.getKeyManagers();
  }

  private static KeyStore emptyStore() throws GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try {
      store.load(null, null);
    } catch (IOException e) {
      throw new GeneralSecurityException(e);
    }
    return store;
  }

  private static Collection<? extends Certificate> certificates(Path file) {
    Collection<? extends Certificate> certificates;
    try (InputStream in = Files.newInputStream(file)) {
      certificates = CertificateFactory.getInstance("X.509").generateCertificates(in);
    } catch (IOException e) {
      throw SettingFiles.unreadable(file, e);
    } catch (CertificateException e) {
      throw new IllegalArgumentException("file " + file + " has no valid certificate: " + e, e);
    }
    if (certificates.isEmpty()) {
      throw new IllegalArgumentException("file " + file + " has no certificate in PEM form");
    }
    return certificates;
  }

  private static PrivateKey privateKey(Path file, String algorithm)
      throws GeneralSecurityException {
    Matcher key;
    try {
      key = KEY.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw SettingFiles.unreadable(file, e);
    }
    if (!key.find()) {
      throw new IllegalArgumentException(
          "file "
              + file
              + " has no '-----BEGIN PRIVATE KEY-----'; convert other forms with:"
              + " openssl pkcs8 -topk8 -nocrypt");
    }
    byte[] encoded = Base64.getMimeDecoder().decode(key.group(1));
    try {
      return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
    } catch (InvalidKeySpecException e) {
      throw new IllegalArgumentException(
          "file " + file + " has no valid private key for a certificate of " + algorithm, e);
    }
  }

  /** Otherwise the error would be that of a handshake, in the log of the target. */
  private static void requirePair(Path chainFile, PublicKey publicKey, Path keyFile, PrivateKey key)
      throws GeneralSecurityException {
    String algorithm =
        switch (publicKey.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> publicKey.getAlgorithm();
        };
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(key);
    byte[] signed = signature.sign();
    signature.initVerify(publicKey);
    if (!signature.verify(signed)) {
      throw new IllegalArgumentException(
          "file " + keyFile + " is not the private key of the certificate in " + chainFile);
    }
  }
}
