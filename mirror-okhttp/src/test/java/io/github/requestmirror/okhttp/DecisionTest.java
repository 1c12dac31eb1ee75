package io.github.requestmirror.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.TestTarget;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import okhttp3.Cache;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls that are not copied are passed on unchanged. */
class DecisionTest extends InterceptorFixture {
  private static void call(OkHttpClient client, Request request) throws IOException {
    try (Response response = client.newCall(request).execute()) {
      assertThat(response.code()).isEqualTo(200);
      response.body().bytes();
    }
  }

  /** Returns a client that records the request which the mirror passes on. */
  private OkHttpClient recording(AtomicReference<@Nullable Request> seen) {
    OkHttpClient client = mirrored();
    return client
        .newBuilder()
        .addInterceptor(
            chain -> {
              seen.set(chain.request());
              return chain.proceed(chain.request());
            })
        .build();
  }

  @Test
  void requestThatIsNotMirroredIsPassedOnUnchanged() throws IOException {
    mirror(limits -> limits, policy -> policy.path("/other"));
    AtomicReference<@Nullable Request> seen = new AtomicReference<>();
    RequestBody body =
        new RequestBody() {
          private int calls;

          @Override
          public MediaType contentType() {
            return PROTOBUF;
          }

          @Override
          public long contentLength() {
            // OkHttp itself calls this twice.
            assertThat(++calls).isLessThanOrEqualTo(2);
            return 1;
          }

          @Override
          public void writeTo(BufferedSink sink) throws IOException {
            sink.writeByte(1);
          }
        };
    try (TestTarget primary = WELL.get()) {
      Request own = new Request.Builder().url(url(primary)).post(body).build();
      call(recording(seen), own);
      assertThat(seen.get()).isSameAs(own);
      mirror().enabled(false);
      call(recording(seen), post(url(primary), bytes(10)));
    }
    assertOutcomes(Outcome.NOT_MATCHED, Outcome.DISABLED);
  }

  @Test
  void requestWithoutBodyIsPassedOnUnchanged() throws IOException {
    AtomicReference<@Nullable Request> seen = new AtomicReference<>();
    try (TestTarget primary = WELL.get()) {
      Request own = new Request.Builder().url(url(primary)).build();
      call(recording(seen), own);
      assertThat(seen.get()).isSameAs(own);
    }
    assertOutcomes(Outcome.ACCEPTED);
  }

  @Test
  void callWithAResponseFromTheCacheIsNotCopied(@TempDir Path directory) throws IOException {
    TestTarget.Behaviour cacheable =
        (request, out) -> {
          out.write(
              "HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\nContent-Length: 1\r\n\r\nx"
                  .getBytes(StandardCharsets.US_ASCII));
          out.flush();
        };
    try (TestTarget primary = primary(() -> cacheable).get();
        Cache cache = new Cache(directory.toFile(), 1 << 20)) {
      OkHttpClient client = mirrored(builder -> builder.cache(cache));
      Request request = new Request.Builder().url(url(primary)).build();
      call(client, request);
      call(client, request);
      assertThat(primary.requests()).hasSize(1);
    }
    assertOutcomes(Outcome.ACCEPTED, Outcome.BODY_INCOMPLETE);
    assertThat(target.requests()).hasSize(1);
  }
}
