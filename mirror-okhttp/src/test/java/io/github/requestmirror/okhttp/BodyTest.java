package io.github.requestmirror.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.TestTarget;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import okhttp3.Interceptor;
import okhttp3.MultipartBody;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.Buffer;
import okio.BufferedSink;
import okio.GzipSink;
import okio.Okio;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies arrive as they are written, at the primary and at the target. */
class BodyTest extends InterceptorFixture {

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8191, 8192, 8193, 16_384, 100_000, 3_000_000})
  void bodiesOfKnownLength(int length) {
    byte[] body = bytes(length);
    Observed seen = same(WELL, () -> RequestBody.create(body, PROTOBUF));
    assertThat(seen.writes()).isEqualTo(1);
    assertThat(seen.ownRequest()).isTrue();
    assertCopies(body);
    assertOutcomes(Outcome.ACCEPTED);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8192, 100_000, 3_000_000})
  void bodiesOfUnknownLength(int length) {
    byte[] body = bytes(length);
    assertThat(same(WELL, () -> body(-1, sink -> sink.write(body))).writes()).isEqualTo(1);
    assertCopies(body);
  }

  @Test
  void oneShotBodies() {
    byte[] body = bytes(50_000);
    same(
        WELL,
        () -> {
          InputStream once = new ByteArrayInputStream(body);
          return body(
              -1,
              true,
              sink -> {
                try (okio.Source source = Okio.source(once)) {
                  sink.writeAll(source);
                }
              });
        });
    assertCopies(body);
  }

  @Test
  void multipartBodies() {
    MultipartBody body =
        new MultipartBody.Builder("boundary")
            .addFormDataPart("a", "b")
            .addFormDataPart("c", "d.bin", RequestBody.create(bytes(20_000), PROTOBUF))
            .build();
    same(WELL, () -> body);
    assertCopies(written(body));
  }

  private static byte[] written(RequestBody body) {
    Buffer buffer = new Buffer();
    try {
      body.writeTo(buffer);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return buffer.readByteArray();
  }

  /** As exporters do that recycle their buffers: what was written is gone when writeTo returns. */
  @Test
  void bodyMayRecycleItsBufferAtOnce() {
    byte[] body = bytes(300_000);
    same(
        WELL,
        () -> {
          byte[] buffer = body.clone();
          return body(
              buffer.length,
              true,
              sink -> {
                for (int from = 0; from < buffer.length; from += 1000) {
                  sink.write(buffer, from, 1000);
                  Arrays.fill(buffer, from, from + 1000, (byte) 0xee);
                }
              });
        });
    assertCopies(body);
  }

  private static final Interceptor GZIP =
      chain -> {
        Request plain = chain.request();
        RequestBody body = plain.body();
        RequestBody zipped =
            body(
                -1,
                sink -> {
                  try (BufferedSink gzip = Okio.buffer(new GzipSink(sink))) {
                    body.writeTo(gzip);
                  }
                });
        return chain.proceed(
            plain.newBuilder().header("Content-Encoding", "gzip").post(zipped).build());
      };

  private static byte[] unzip(byte[] zipped) throws IOException {
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(zipped))) {
      return in.readAllBytes();
    }
  }

  @Test
  void copyIsCompressedWhereCompressionStandsBefore() throws IOException {
    byte[] body = new byte[200_000];
    Observed seen =
        same(
            WELL,
            builder -> builder.addInterceptor(GZIP),
            url -> new Request.Builder().url(url).post(RequestBody.create(body, PROTOBUF)).build());
    assertThat(seen.writes()).isEqualTo(1);
    Conservation.awaitSettled(mirror());
    HttpMessage copy = target.requests().get(0);
    assertThat(copy.headers("Content-Encoding")).containsExactly("gzip");
    assertThat(unzip(copy.body())).isEqualTo(body);
  }

  @Test
  void copyIsPlainWhereCompressionStandsAfter() throws IOException {
    byte[] body = new byte[200_000];
    OkHttpClient client = mirrored().newBuilder().addInterceptor(GZIP).build();
    try (TestTarget primary = WELL.get();
        Response response = client.newCall(post(url(primary), body)).execute()) {
      assertThat(response.code()).isEqualTo(200);
      assertThat(unzip(primary.requests().get(0).body())).isEqualTo(body);
    }
    assertCopies(body);
    assertThat(target.requests().get(0).headers("Content-Encoding")).isEmpty();
  }

  /** As logging interceptors do. */
  @Test
  void bodyThatIsAlsoWrittenElsewhereIsCopiedOnce() throws IOException {
    byte[] body = bytes(30_000);
    OkHttpClient client =
        mirrored()
            .newBuilder()
            .addInterceptor(
                chain -> {
                  assertThat(written(chain.request().body())).isEqualTo(body);
                  return chain.proceed(chain.request());
                })
            .build();
    try (TestTarget primary = WELL.get();
        Response response = client.newCall(post(url(primary), body)).execute()) {
      assertThat(response.code()).isEqualTo(200);
    }
    assertCopies(body);
    assertOutcomes(Outcome.ACCEPTED);
  }

  enum Length {
    DECLARED,
    UNKNOWN
  }

  @ParameterizedTest
  @EnumSource
  void bodiesOverTheLimitAreServedAndCounted(Length length) {
    mirror(limits -> limits.maxBodyBytes(100_000), policy -> policy);
    byte[] body = bytes(100_001);
    same(WELL, () -> body(length == Length.DECLARED ? body.length : -1, sink -> sink.write(body)));
    assertOutcomes(Outcome.BODY_TOO_LARGE);
  }

  @ParameterizedTest
  @EnumSource
  void bodiesWithoutRoomAreServedAndCounted(Length length) {
    mirror(limits -> limits.bufferBytes(70_000).maxBodyBytes(70_000), policy -> policy);
    byte[] body = bytes(69_950);
    same(WELL, () -> body(length == Length.DECLARED ? body.length : -1, sink -> sink.write(body)));
    assertOutcomes(Outcome.BUFFER_FULL);
  }

  @Test
  void questionsThatThrowAreThePrimarysMatter() {
    RequestBody unlucky =
        new RequestBody() {
          @Override
          public okhttp3.MediaType contentType() {
            return PROTOBUF;
          }

          @Override
          public long contentLength() throws IOException {
            throw new IOException("length on purpose");
          }

          @Override
          public void writeTo(BufferedSink sink) {
            throw new AssertionError("not to be reached");
          }
        };
    assertThat(same(WELL, () -> unlucky).response()).contains("length on purpose");
    assertOutcomes(Outcome.BODY_INCOMPLETE);
  }
}
