package io.github.requestmirror.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.TestTarget;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Supplier;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that fail fail as they would without, and what was not sent whole is not copied. */
class FailureTest extends InterceptorFixture {
  private static final byte[] BODY = bytes(50_000);

  enum Thrown {
    IO_EXCEPTION {
      @Override
      Throwable make() {
        return new IOException("on purpose", new IllegalStateException("cause"));
      }
    },
    RUNTIME_EXCEPTION {
      @Override
      Throwable make() {
        return new IllegalArgumentException("on purpose");
      }
    },
    ERROR {
      @Override
      Throwable make() {
        return new StackOverflowError("on purpose");
      }
    };

    abstract Throwable make();

    void thrown() throws IOException {
      Throwable t = make();
      t.addSuppressed(new IOException("suppressed"));
      sneak(t);
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T extends Throwable> void sneak(Throwable t) throws T {
      throw (T) t;
    }
  }

  @ParameterizedTest
  @EnumSource
  void bodyThrowsHalfWay(Thrown thrown) {
    Observed seen =
        same(
            WELL,
            () ->
                body(
                    -1,
                    sink -> {
                      sink.write(BODY);
                      thrown.thrown();
                    }));
    assertThat(seen.response())
        .contains(thrown.make().getClass().getName() + ": on purpose", "suppressed");
    assertOutcomes(Outcome.BODY_INCOMPLETE);
  }

  @ParameterizedTest
  @EnumSource
  void interceptorBelowThrows(Thrown thrown) {
    OkHttpClient client =
        mirrored()
            .newBuilder()
            .addInterceptor(
                chain -> {
                  thrown.thrown();
                  return chain.proceed(chain.request());
                })
            .build();
    assertThat(Observed.of(client, post(url(target), BODY)).response())
        .contains(thrown.make().getClass().getName() + ": on purpose", "suppressed");
    assertOutcomes(Outcome.BODY_INCOMPLETE);
  }

  @ParameterizedTest
  @ValueSource(longs = {49_999, 50_001})
  void declaredLengthIsWrong(long length) {
    Observed seen = same(WELL, () -> body(length, sink -> sink.write(BODY)));
    assertThat(seen.response()).contains("java.net.ProtocolException");
    assertOutcomes(Outcome.BODY_INCOMPLETE);
  }

  /** Bound and not listening, it refuses, and nobody else gets the port meanwhile. */
  private static Socket refusing() throws IOException {
    Socket socket = new Socket();
    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    return socket;
  }

  private static HttpUrl url(Socket refusing) {
    return HttpUrl.get("http://127.0.0.1:" + refusing.getLocalPort() + "/api/v1/push");
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "DELETE"})
  void primaryRefuses(String method) throws IOException {
    RequestBody body = method.equals("POST") ? RequestBody.create(BODY, PROTOBUF) : null;
    try (Socket primary = refusing()) {
      Request request = new Request.Builder().url(url(primary)).method(method, body).build();
      Observed seen = Observed.of(mirrored(), request);
      assertThat(seen).isEqualTo(Observed.of(client(builder -> builder), request));
      assertThat(seen.response()).contains("java.net.ConnectException");
      assertThat(seen.writes()).isZero();
    }
    assertOutcomes(Outcome.BODY_INCOMPLETE);
    assertThat(target.requests()).isEmpty();
  }

  /** As interceptors do that compress into a buffer: whole, and yet not sent. */
  @Test
  void bodyThatWasOnlyWrittenElsewhereIsNotCopied() throws IOException {
    OkHttpClient client =
        mirrored()
            .newBuilder()
            .addInterceptor(
                chain -> {
                  chain.request().body().writeTo(new okio.Buffer());
                  return chain.proceed(chain.request());
                })
            .build();
    try (Socket primary = refusing()) {
      assertThat(Observed.of(client, post(url(primary), BODY)).response())
          .contains("java.net.ConnectException");
    }
    assertOutcomes(Outcome.BODY_INCOMPLETE);
  }

  /** The primary has it; what happens to its response is another matter. */
  @ParameterizedTest
  @EnumSource
  void interceptorBelowThrowsAfterTheResponse(Thrown thrown) {
    OkHttpClient client =
        mirrored()
            .newBuilder()
            .addInterceptor(
                chain -> {
                  chain.proceed(chain.request()).close();
                  thrown.thrown();
                  throw new AssertionError("thrown before");
                })
            .build();
    try (TestTarget primary = WELL.get()) {
      assertThat(Observed.of(client, post(url(primary), BODY)).response()).contains("on purpose");
    }
    assertCopies(BODY);
  }

  /** What the primary may have got goes to the target, as that of any other unknown end. */
  @ParameterizedTest
  @ValueSource(strings = {"reset", "hang"})
  void primaryFailsAfterTheWholeBody(String how) {
    Supplier<TestTarget> failing =
        () -> {
          TestTarget primary = new TestTarget();
          return primary.behave(how.equals("hang") ? primary.hang() : TestTarget.reset());
        };
    Observed seen =
        same(
            failing,
            builder -> builder.retryOnConnectionFailure(false).readTimeout(Duration.ofMillis(700)),
            url -> post(url, BODY));
    assertThat(seen.writes()).isEqualTo(1);
    assertThat(seen.response()).contains("Exception");
    assertOutcomes(Outcome.ACCEPTED);
    assertCopies(BODY);
  }

  @Test
  void primaryThatFailsIsNoResponseToWaitFor() {
    mirror(limits -> limits, policy -> policy.whenPrimaryResponds(2));
    same(
        primary(TestTarget::reset),
        builder -> builder.retryOnConnectionFailure(false),
        url -> post(url, BODY));
    assertOutcomes(Outcome.PRIMARY_STATUS);
    assertThat(stats().bufferedBytes()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"write", "call"})
  void timeoutWhileTheBodyIsWritten(String kind) {
    byte[] part = new byte[1 << 20];
    Observed seen =
        same(
            () -> new TestTarget().readNothing(),
            builder ->
                kind.equals("write")
                    ? builder.writeTimeout(Duration.ofMillis(300))
                    : builder.callTimeout(Duration.ofMillis(1000)),
            url ->
                new Request.Builder()
                    .url(url)
                    .post(
                        body(
                            -1,
                            sink -> {
                              for (int i = 0; i < 1000; i++) {
                                sink.write(part);
                              }
                            }))
                    .build());
    assertThat(seen.response()).containsIgnoringCase("timeout");
    Outcome outcome =
        stats().count(Outcome.BODY_TOO_LARGE) == 1
            ? Outcome.BODY_TOO_LARGE
            : Outcome.BODY_INCOMPLETE;
    assertOutcomes(outcome);
    assertThat(target.requests()).isEmpty();
  }

  @Test
  void asANetworkInterceptorItFailsClearly() {
    OkHttpClient client =
        client(builder -> builder.addNetworkInterceptor(new MirrorInterceptor(mirror())));
    assertThat(Observed.of(client, post(url(target), BODY)).response())
        .contains("IllegalStateException", "addInterceptor, not with addNetworkInterceptor");
    assertOutcomes();
    assertThat(target.requests()).isEmpty();
  }

  @Test
  void responsesMayBeReadLateOrNever() throws IOException {
    String large = "x".repeat(200_000);
    try (TestTarget primary = primary(() -> TestTarget.respond(200, large)).get()) {
      OkHttpClient client = mirrored();
      Response late = client.newCall(post(url(primary), BODY)).execute();
      assertOutcomes(Outcome.ACCEPTED);
      client.newCall(post(url(primary), BODY)).execute().close();
      assertThat(late.body().bytes()).isEqualTo(large.getBytes(StandardCharsets.US_ASCII));
    }
    assertOutcomes(Outcome.ACCEPTED, Outcome.ACCEPTED);
  }
}
