package io.github.requestmirror.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.TestTarget;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.common.ComponentLoader;
import io.opentelemetry.exporter.otlp.http.metrics.OtlpHttpMetricExporter;
import io.opentelemetry.sdk.common.export.HttpSenderConfig;
import io.opentelemetry.sdk.common.export.HttpSenderProvider;
import io.opentelemetry.sdk.common.export.MemoryMode;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import java.time.Duration;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The OTLP exporter of OpenTelemetry writes its messages from memory that it uses again for the
 * next ones. Its own OkHttp client takes no interceptors; a sender for a client of one's own is
 * what its {@code HttpSenderProvider} is for.
 */
class OtlpExporterTest extends InterceptorFixture {
  private static final int EXPORTS = 15;

  @ParameterizedTest
  @CsvSource({"none, REUSABLE_DATA", "gzip, REUSABLE_DATA", "none, IMMUTABLE_DATA"})
  void exportsAreCopiedByteForByte(String compression, MemoryMode memory) {
    AtomicInteger writes = new AtomicInteger();
    try (TestTarget primary = primary(() -> TestTarget.status(200)).get()) {
      OtlpHttpMetricExporter exporter =
          OtlpHttpMetricExporter.builder()
              .setEndpoint(primary.uri() + "/v1/metrics")
              .setCompression(compression)
              .setMemoryMode(memory)
              .setRetryPolicy(null)
              .setComponentLoader(loader(writes))
              .build();
      try (SdkMeterProvider provider =
          SdkMeterProvider.builder()
              .registerMetricReader(
                  PeriodicMetricReader.builder(exporter).setInterval(Duration.ofHours(1)).build())
              .build()) {
        LongCounter counter = provider.get("test").counterBuilder("requests").build();
        for (int export = 0; export < EXPORTS; export++) {
          for (int series = 0; series < 100 * (export + 1); series++) {
            counter.add(1, Attributes.of(AttributeKey.stringKey("series"), "s" + series));
          }
          provider.forceFlush().join(20, TimeUnit.SECONDS);
        }
      }
      Conservation.awaitSettled(mirror());
      List<byte[]> sent = primary.requests().stream().map(HttpMessage::body).toList();
      assertThat(sent).hasSizeGreaterThanOrEqualTo(EXPORTS);
      assertThat(target.requests()).extracting(HttpMessage::body).containsExactlyElementsOf(sent);
      assertThat(target.requests().get(0).header("Content-Type"))
          .isEqualTo("application/x-protobuf");
      assertThat(target.requests().get(0).headers("Content-Encoding"))
          .isEqualTo(primary.requests().get(0).headers("Content-Encoding"));
      assertThat(writes).hasValue(sent.size());
    }
  }

  private ComponentLoader loader(AtomicInteger writes) {
    HttpSenderProvider provider = (HttpSenderConfig config) -> sender(config, writes);
    return new ComponentLoader() {
      @Override
      public <T> Iterable<T> load(Class<T> spi) {
        return spi == HttpSenderProvider.class
            ? List.of(spi.cast(provider))
            : ServiceLoader.load(spi);
      }
    };
  }

  private OtlpSender sender(HttpSenderConfig config, AtomicInteger writes) {
    return new OtlpSender(config, mirrored(), writes);
  }
}
