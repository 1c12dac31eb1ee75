package io.github.requestmirror.spring.boot;

import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.convert.Delimiter;
import org.springframework.util.unit.DataSize;

/**
 * The properties of one target, or of all targets: the settings of {@link
 * io.github.requestmirror.settings.MirrorSettings} in the types of Spring Boot. What a property
 * that is not set does, and which values are valid, those settings say.
 */
record TargetProperties(
    @Nullable String url,
    @Nullable Integer maxInFlight,
    @Nullable DataSize bufferBytes,
    @Nullable DataSize maxBodyBytes,
    @Nullable Duration maxQueueTime,
    @Nullable Duration connectTimeout,
    @Nullable Duration callTimeout,
    @Nullable Integer maxRetries,
    @Nullable DataSize maxResponseBytes,
    @Nullable Duration dnsRefreshInterval,
    @Nullable Duration connectionTimeToLive,
    @Nullable Duration drainTimeout,
    @Nullable String caFile,
    @Nullable String certificateFile,
    @Nullable String privateKeyFile,
    @Nullable String match,
    @Delimiter(Delimiter.NONE) @Nullable List<String> methods,
    @Delimiter(Delimiter.NONE) @Nullable List<String> path,
    @Delimiter(Delimiter.NONE) @Nullable List<String> pathPrefix,
    @Delimiter(Delimiter.NONE) @Nullable List<String> header,
    @Delimiter(Delimiter.NONE) @Nullable List<String> deny,
    @Nullable Double fraction,
    @Nullable String sampleBy,
    @Nullable Boolean sampleRandomly,
    @Nullable String order,
    @Delimiter(Delimiter.NONE) @Nullable List<String> readOnly,
    @Nullable String scope,
    @Delimiter(Delimiter.NONE) @Nullable List<String> whenPrimaryResponds,
    @Nullable Boolean forwardCredentials,
    @Nullable String traceContext,
    @Nullable String bearerToken,
    @Nullable String bearerTokenFile,
    @Nullable String basicAuth,
    @Nullable String basicAuthFile,
    @Delimiter(Delimiter.NONE) @Nullable List<String> setHeader,
    @Delimiter(Delimiter.NONE) @Nullable List<String> addHeader,
    @Delimiter(Delimiter.NONE) @Nullable List<String> removeHeader,
    @Nullable Boolean keepHost,
    @Nullable String host,
    @Nullable Boolean keepContextPath,
    @Nullable String replacePathPrefix) {

  /** Returns the properties that are set, in the form of the settings. */
  Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    for (RecordComponent component : TargetProperties.class.getRecordComponents()) {
      Object value = value(component);
      if (value != null) {
        settings.put(PropertyNames.setting(component.getName()), text(value));
      }
    }
    return settings;
  }

  private @Nullable Object value(RecordComponent component) {
    try {
      return component.getAccessor().invoke(this);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String text(Object value) {
    if (value instanceof DataSize size) {
      return size(size);
    }
    if (value instanceof Duration duration) {
      return duration(duration);
    }
    if (value instanceof List<?> elements) {
      return String.join("\n", elements.stream().map(String::valueOf).toList());
    }
    return value.toString();
  }

  /** A message shows it, so it is close to what the user wrote. */
  private static String size(DataSize size) {
    long megabytes = size.toMegabytes();
    return DataSize.ofMegabytes(megabytes).equals(size) ? megabytes + "MiB" : size.toBytes() + "";
  }

  private static String duration(Duration duration) {
    return duration.toMillisPart() == 0 ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
  }
}
