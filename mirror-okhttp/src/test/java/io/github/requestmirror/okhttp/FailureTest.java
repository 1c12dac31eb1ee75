package io.github.requestmirror.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.TestTarget;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Failures reach the caller unchanged, and a body that was not sent completely is not copied. */
class FailureTest extends InterceptorFixture {
  private static final byte[] BODY = bytes(50_000);

  enum Thrown {
    IO_EXCEPTION {
      @Override
      Throwable create() {
        return new IOException("on purpose", new IllegalStateException("cause"));
      }
    },
    RUNTIME_EXCEPTION {
      @Override
      Throwable create() {
        return new IllegalArgumentException("on purpose");
      }
    },
    ERROR {
      @Override
      Throwable create() {
        return new StackOverflowError("on purpose");
      }
    };

    abstract Throwable create();

    void raise() throws IOException {
      Throwable t = create();
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
  void exceptionBeforeTheRequestReachesTheCaller(Thrown thrown) {
    OkHttpClient client =
        mirrored()
            .newBuilder()
            .addInterceptor(
                chain -> {
                  thrown.raise();
                  return chain.proceed(chain.request());
                })
            .build();
    assertThat(Observed.of(client, post(url(target), BODY)).response())
        .contains(thrown.create().getClass().getName() + ": on purpose", "suppressed");
    assertOutcomes(Outcome.BODY_INCOMPLETE);
  }

  @ParameterizedTest
  @ValueSource(longs = {49_999, 50_001})
  void bodyWithAWrongDeclaredLengthIsNotCopied(long length) {
    Observed seen = same(WELL, () -> body(length, sink -> sink.write(BODY)));
    assertThat(seen.response()).contains("java.net.ProtocolException");
    assertOutcomes(Outcome.BODY_INCOMPLETE);
  }

  /** Returns a socket that is bound but does not listen, so that its port refuses connections. */
  private static Socket refusing() throws IOException {
    Socket socket = new Socket();
    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    return socket;
  }

  private static HttpUrl url(Socket refusing) {
    return HttpUrl.get("http://127.0.0.1:" + refusing.getLocalPort() + "/api/v1/push");
  }

  /** For example by an interceptor that compresses the body. */
  @Test
  void bodyWrittenOnlyToABufferIsNotCopied() throws IOException {
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

  @Test
  void callThatItsProxyRefusesATunnelIsNotCopied() {
    try (TestTarget proxy = new TestTarget().behave(TestTarget.status(502))) {
      OkHttpClient client =
          mirrored(
              builder ->
                  builder.proxy(
                      new Proxy(
                          Proxy.Type.HTTP,
                          new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port()))));
      Request request = new Request.Builder().url("https://primary.invalid/").delete(null).build();
      assertThat(Observed.of(client, request).response()).contains("CONNECT: 502");
    }
    assertOutcomes(Outcome.BODY_INCOMPLETE);
  }

  /** The exceptions of network interceptors pass the step that connects. */
  @ParameterizedTest
  @EnumSource
  void callIsCopiedIfANetworkInterceptorThrowsAfterTheResponse(Thrown thrown) {
    OkHttpClient client =
        mirrored(
            builder ->
                builder.addNetworkInterceptor(
                    chain -> {
                      chain.proceed(chain.request()).close();
                      thrown.raise();
                      throw new AssertionError("unreachable");
                    }));
    try (TestTarget primary = WELL.get()) {
      Request request = new Request.Builder().url(url(primary)).delete(null).build();
      assertThat(Observed.of(client, request).response()).contains("on purpose");
    }
    assertOutcomes(Outcome.ACCEPTED);
  }

  @ParameterizedTest
  @EnumSource
  void callIsCopiedIfAnotherInterceptorThrowsAfterTheResponse(Thrown thrown) {
    OkHttpClient client =
        mirrored()
            .newBuilder()
            .addInterceptor(
                chain -> {
                  chain.proceed(chain.request()).close();
                  thrown.raise();
                  throw new AssertionError("unreachable");
                })
            .build();
    try (TestTarget primary = WELL.get()) {
      assertThat(Observed.of(client, post(url(primary), BODY)).response()).contains("on purpose");
    }
    assertCopies(BODY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"write", "call"})
  void callThatTimesOutWhileItsBodyIsWrittenIsNotCopied(String kind) {
    byte[] part = new byte[1 << 20];
    Observed seen =
        same(
            () -> new TestTarget().readNothing(),
            builder ->
                kind.equals("write")
                    ? builder.writeTimeout(Duration.ofMillis(200))
                    : builder.callTimeout(Duration.ofMillis(300)),
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
  void networkInterceptorIsRejected() {
    OkHttpClient client =
        client(builder -> builder.addNetworkInterceptor(new MirrorInterceptor(mirror())));
    assertThat(Observed.of(client, post(url(target), BODY)).response())
        .contains("IllegalStateException", "addInterceptor, not with addNetworkInterceptor");
    assertOutcomes();
    assertThat(target.requests()).isEmpty();
  }

  @Test
  void copyDoesNotWaitForTheBodyOfTheResponse() throws IOException {
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
