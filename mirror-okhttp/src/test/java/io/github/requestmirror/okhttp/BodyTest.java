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

/** Bodies that OkHttp and its interceptors write in special ways. */
class BodyTest extends InterceptorFixture {

  @Test
  void multipartBodyIsCopied() {
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

  /** Some exporters reuse their buffers while they write. */
  @Test
  void bodyMayOverwriteItsBufferAfterEachWrite() {
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
  void copyIsCompressedByAnInterceptorBeforeTheMirror() throws IOException {
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
  void copyIsNotCompressedByAnInterceptorAfterTheMirror() throws IOException {
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

  /** Logging interceptors write the body to a buffer. */
  @Test
  void bodyThatAnotherInterceptorAlsoWritesIsCopiedOnce() throws IOException {
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

  @Test
  void exceptionOfContentLengthReachesTheCaller() {
    RequestBody failing =
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
            throw new AssertionError("OkHttp asks for the length first");
          }
        };
    assertThat(same(WELL, () -> failing).response()).contains("length on purpose");
    assertOutcomes(Outcome.BODY_INCOMPLETE);
  }
}
