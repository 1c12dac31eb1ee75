package io.github.requestmirror.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RecordedRequests;
import io.github.requestmirror.testing.TestTarget;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.ipc.http.HttpSender;
import io.micrometer.core.ipc.http.OkHttpSender;
import io.micrometer.influx.InfluxConfig;
import io.micrometer.influx.InfluxMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What real senders push. */
class SenderTest extends InterceptorFixture {
  /** What belongs to a connection or its host. */
  private static final Set<String> NOT_COPIED =
      Set.of("host", "content-length", "connection", "accept-encoding", "x-request-mirror");

  /** Returns a recorded request as a sender that uses OkHttp would make it. */
  private static Request request(TestTarget primary, HttpMessage recorded) {
    MediaType type = MediaType.get(String.valueOf(recorded.header("Content-Type")));
    Request.Builder request =
        new Request.Builder()
            .url(primary.uri() + recorded.requestTarget())
            .post(RequestBody.create(recorded.body(), type));
    for (String line : sent(recorded)) {
      String[] field = line.split(": ", 2);
      request.addHeader(field[0], field[1]);
    }
    return request.build();
  }

  private static List<String> sent(HttpMessage message) {
    List<String> lines = new ArrayList<>();
    for (String line : message.headerLines()) {
      if (!NOT_COPIED.contains(line.split(":", 2)[0].toLowerCase(java.util.Locale.ROOT))) {
        lines.add(line);
      }
    }
    return lines;
  }

  @Test
  void recordedPushesOneAfterTheOther() throws IOException {
    List<HttpMessage> recorded = RecordedRequests.small();
    try (TestTarget primary = new TestTarget()) {
      OkHttpClient client = mirrored();
      for (HttpMessage push : recorded) {
        try (Response response = client.newCall(request(primary, push)).execute()) {
          assertThat(response.code()).isEqualTo(204);
        }
      }
      Conservation.awaitSettled(mirror());
      assertThat(target.requests()).hasSameSizeAs(recorded);
      for (int i = 0; i < recorded.size(); i++) {
        HttpMessage copy = target.requests().get(i);
        assertThat(copy.body()).isEqualTo(recorded.get(i).body());
        assertThat(copy.startLine()).isEqualTo(recorded.get(i).startLine());
        assertThat(sent(copy)).containsExactlyInAnyOrderElementsOf(sent(recorded.get(i)));
        assertThat(sent(primary.requests().get(i)))
            .containsExactlyInAnyOrderElementsOf(sent(recorded.get(i)));
      }
    }
  }

  @Test
  void recordedPushesAllAtOnce() throws InterruptedException {
    List<HttpMessage> recorded = RecordedRequests.large();
    try (TestTarget primary = new TestTarget()) {
      OkHttpClient client = mirrored();
      client.dispatcher().setMaxRequestsPerHost(16);
      CountDownLatch responded = new CountDownLatch(recorded.size());
      for (HttpMessage push : recorded) {
        client
            .newCall(request(primary, push))
            .enqueue(
                new Callback() {
                  @Override
                  public void onFailure(Call call, IOException e) {}

                  @Override
                  public void onResponse(Call call, Response response) {
                    response.close();
                    responded.countDown();
                  }
                });
      }
      assertThat(responded.await(30, TimeUnit.SECONDS)).isTrue();
      Conservation.awaitSettled(mirror());
      List<byte[]> bodies = recorded.stream().map(HttpMessage::body).toList();
      assertThat(target.requests())
          .extracting(HttpMessage::body)
          .containsExactlyInAnyOrderElementsOf(bodies);
    }
  }

  @Test
  void micrometerSender() throws Throwable {
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
  void micrometerRegistry() throws IOException {
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
      // Publishes what there is.
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
