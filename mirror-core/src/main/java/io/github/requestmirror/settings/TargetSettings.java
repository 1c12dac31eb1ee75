package io.github.requestmirror.settings;

import static io.github.requestmirror.settings.Definition.Quantity.N;
import static io.github.requestmirror.settings.Definition.Quantity.SIZE;
import static io.github.requestmirror.settings.Definition.Quantity.TIME;
import static io.github.requestmirror.settings.SettingText.duration;
import static io.github.requestmirror.settings.SettingText.integer;
import static io.github.requestmirror.settings.SettingText.size;

import io.github.requestmirror.MirrorTarget;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The settings of a target. */
final class TargetSettings {
  static final String TARGET = "target";
  static final String NAME = "name";
  private static final String BUFFER_BYTES = "bufferBytes";
  private static final String MAX_BODY_BYTES = "maxBodyBytes";
  private static final String CA_FILE = "caFile";
  private static final String CERTIFICATE_FILE = "certificateFile";
  private static final String PRIVATE_KEY_FILE = "privateKeyFile";

  private TargetSettings() {}

  static List<Definition> definitions() {
    return List.of(
        Definition.of(
            TARGET,
            "URI",
            null,
            true,
            "Base URI of the target; its path is put before the path of each request."),
        Definition.of(
                NAME,
                "NAME",
                "host, port and path",
                false,
                "Name in statistics, log lines and thread names.")
            .onTarget(MirrorTarget.Builder::name),
        Definition.of("maxInFlight", N, "64", "1 to 10000", "Copies in flight, and connections.")
            .onTarget((target, value) -> target.maxInFlight(integer(value))),
        Definition.of(BUFFER_BYTES, SIZE, "64MiB", "64KiB to 64GiB", "Memory for copies.")
            .onTarget((target, value) -> target.bufferBytes(size(value))),
        Definition.of(MAX_BODY_BYTES, SIZE, "16MiB", "0 to 1GiB", "Largest body to mirror.")
            .onTarget((target, value) -> target.maxBodyBytes(size(value))),
        Definition.of("maxQueueTime", TIME, "30s", "1ms to 24h", "Longest wait of a copy.")
            .onTarget((target, value) -> target.maxQueueTime(duration(value))),
        Definition.of("connectTimeout", TIME, "1s", "1ms to 24h", "Time limit for connecting.")
            .onTarget((target, value) -> target.connectTimeout(duration(value))),
        Definition.of(
                "callTimeout",
                TIME,
                "10s",
                "1ms to 24h",
                "Time limit from sending a copy to the end of its response.")
            .onTarget((target, value) -> target.callTimeout(duration(value))),
        Definition.of(
                "maxRetries",
                N,
                "0",
                "0 to 100",
                "Attempts after a failed or broken connection, 429 or 5xx.")
            .onTarget((target, value) -> target.maxRetries(integer(value))),
        Definition.of(
                "maxResponseBytes",
                SIZE,
                "64KiB",
                "0 to 1GiB",
                "Bytes of a response body that are read.")
            .onTarget((target, value) -> target.maxResponseBytes(size(value))),
        Definition.of(
                "dnsRefreshInterval", TIME, "5s", "100ms to 24h", "Interval between DNS lookups.")
            .onTarget((target, value) -> target.dnsRefreshInterval(duration(value))),
        Definition.of(
                "connectionTimeToLive", TIME, "5m", "1ms to 24h", "Longest life of a connection.")
            .onTarget((target, value) -> target.connectionTimeToLive(duration(value))),
        Definition.of(
                "drainTimeout", TIME, "5s", "0s to 24h", "Wait for pending copies at the end.")
            .onTarget((target, value) -> target.drainTimeout(duration(value))),
        Definition.of(
            CA_FILE, "FILE", "those of the JVM", false, "Certificates to trust, in PEM form."),
        Definition.of(
            CERTIFICATE_FILE,
            "FILE",
            null,
            false,
            "Client certificate and its chain, in PEM form."),
        Definition.of(
            PRIVATE_KEY_FILE,
            "FILE",
            null,
            false,
            "Private key of the client certificate, in PEM form (PKCS #8)."));
  }

  /**
   * Sets the TLS context if any of its files is set.
   *
   * @param label the name of a setting in messages
   * @throws IllegalArgumentException when a file is wrong
   */
  static void tls(
      Map<String, String> values, UnaryOperator<String> label, MirrorTarget.Builder target) {
    String authorities = values.get(CA_FILE);
    String chain = values.get(CERTIFICATE_FILE);
    String key = values.get(PRIVATE_KEY_FILE);
    if ((chain == null) != (key == null)) {
      String given = chain == null ? PRIVATE_KEY_FILE : CERTIFICATE_FILE;
      String missing = chain == null ? CERTIFICATE_FILE : PRIVATE_KEY_FILE;
      throw new IllegalArgumentException(
          label.apply(given) + " is set without " + label.apply(missing) + ", must be with it");
    }
    if (authorities != null || chain != null) {
      String first = authorities != null ? CA_FILE : CERTIFICATE_FILE;
      try {
        target.sslContext(PemContext.of(file(authorities), file(chain), file(key)));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(label.apply(first) + ": " + e.getMessage(), e);
      }
    }
  }

  /**
   * Returns the target.
   *
   * @throws IllegalArgumentException when limits contradict each other
   */
  static MirrorTarget build(
      MirrorTarget.Builder target, Map<String, String> values, UnaryOperator<String> label) {
    try {
      return target.build();
    } catch (IllegalArgumentException e) {
      String setting = values.containsKey(MAX_BODY_BYTES) ? MAX_BODY_BYTES : BUFFER_BYTES;
      throw new IllegalArgumentException(label.apply(setting) + ": " + e.getMessage(), e);
    }
  }

  private static @Nullable Path file(@Nullable String value) {
    return value == null ? null : SettingFiles.path(value);
  }
}
