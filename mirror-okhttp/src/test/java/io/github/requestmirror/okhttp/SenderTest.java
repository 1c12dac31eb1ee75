package io.github.requestmirror.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.TestTarget;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.ipc.http.HttpSender;
import io.micrometer.core.ipc.http.OkHttpSender;
import io.micrometer.influx.InfluxConfig;
import io.micrometer.influx.InfluxMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Micrometer's sender. */
class SenderTest extends InterceptorFixture {
  @Test
  void senderIsCopied() throws Throwable {
    try (TestTarget primary = WELL.get()) {
      HttpSender sender = new OkHttpSender(mirrored());
      HttpSender.Response response =
          sender
              .post(primary.uri() + "/write?db=x")
              .withContent("text/plain", "cpu value=1")
              .compress()
              .send();
      assertThat(response.code()).isEqualTo(200);
      Conservation.awaitSettled(mirror());
      HttpMessage original = primary.requests().get(0);
      HttpMessage copy = target.requests().get(0);
      assertThat(copy.body()).isEqualTo(original.body());
      assertThat(copy.headers("Content-Type")).isEqualTo(original.headers("Content-Type"));
      assertThat(copy.headers("Content-Encoding")).containsExactly("gzip");
      assertThat(new GZIPInputStream(new ByteArrayInputStream(copy.body())).readAllBytes())
          .asString()
          .isEqualTo("cpu value=1");
    }
  }

  @Test
  void registryIsCopied() throws IOException {
    try (TestTarget primary = primary(() -> TestTarget.status(204)).get()) {
      InfluxConfig config =
          new InfluxConfig() {
            @Override
            public @Nullable String get(String key) {
              return switch (key) {
                case "influx.uri" -> primary.uri().toString();
                case "influx.db" -> "metrics";
                case "influx.autoCreateDb" -> "false";
                case "influx.step" -> "1h";
                default -> null;
              };
            }
          };
      InfluxMeterRegistry registry =
          InfluxMeterRegistry.builder(config)
              .clock(Clock.SYSTEM)
              .httpClient(new OkHttpSender(mirrored()))
              .build();
      for (int i = 0; i < 3000; i++) {
        registry.gauge("gauge." + i, i);
      }
      // Publishes the last values.
      registry.close();
      Conservation.awaitSettled(mirror());
      assertThat(primary.requests()).isNotEmpty();
      assertThat(target.requests())
          .extracting(HttpMessage::body)
          .containsExactlyElementsOf(primary.requests().stream().map(HttpMessage::body).toList());
      assertThat(target.requests())
          .extracting(HttpMessage::requestTarget)
          .containsOnly(primary.requests().get(0).requestTarget());
    }
  }
}
