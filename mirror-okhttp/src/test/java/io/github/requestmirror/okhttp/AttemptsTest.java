package io.github.requestmirror.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.TestTarget;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A call is copied once, however often OkHttp sends it. */
class AttemptsTest extends InterceptorFixture {
  private static final byte[] BODY = bytes(50_000);

  private static RequestBody body() {
    return RequestBody.create(BODY, PROTOBUF);
  }

  /** Sends the given response to the first request and 200 to all others. */
  private static Supplier<TestTarget> first(String... lines) {
    String response = String.join("\r\n", lines) + "\r\nContent-Length: 0\r\n\r\n";
    return primary(
        () -> {
          AtomicInteger requests = new AtomicInteger();
          return (request, out) -> {
            if (requests.incrementAndGet() == 1) {
              out.write(response.getBytes(StandardCharsets.ISO_8859_1));
              out.flush();
            } else {
              TestTarget.respond(200, "stored").handle(request, out);
            }
          };
        });
  }

  private void assertOneCopy() {
    assertOutcomes(Outcome.ACCEPTED);
    assertCopies(BODY);
    assertThat(target.requests().get(0).requestTarget()).isEqualTo("/api/v1/push");
  }

  @Test
  void retryAfter408() {
    assertThat(same(first("HTTP/1.1 408 Slow"), AttemptsTest::body).writes()).isEqualTo(2);
    assertOneCopy();
  }

  @Test
  void requestRepeatedAfterAResetOfAReusedConnectionIsCopiedOnce() {
    Observed seen =
        same(
            primary(
                () -> {
                  AtomicInteger requests = new AtomicInteger();
                  return (request, out) -> {
                    if (requests.incrementAndGet() == 2) {
                      TestTarget.reset().handle(request, out);
                    }
                    TestTarget.respond(200, "stored").handle(request, out);
                  };
                }),
            builder ->
                builder.addInterceptor(
                    chain -> {
                      // Opens the connection that the request reuses.
                      Request get =
                          new Request.Builder().url(chain.request().url().resolve("/warm")).build();
                      chain.proceed(get).close();
                      return chain.proceed(chain.request());
                    }),
            url -> new Request.Builder().url(url).post(body()).build());
    assertThat(seen.response()).contains("code=200");
    assertThat(seen.writes()).isEqualTo(2);
    assertOutcomes(Outcome.ACCEPTED, Outcome.ACCEPTED);
    Conservation.awaitSettled(mirror());
    assertThat(target.requests())
        .filteredOn(copy -> copy.method().equals("POST"))
        .extracting(HttpMessage::body)
        .containsExactly(BODY);
  }

  /** The bytes of the first attempt must not be part of the copy. */
  @ParameterizedTest
  @ValueSource(longs = {-1, 4_000_000})
  void incompleteAttemptIsNotPartOfTheCopy(long length) {
    byte[] large = bytes(4_000_000);
    AtomicInteger attempts = new AtomicInteger();
    Interceptor retry =
        chain -> {
          try {
            return chain.proceed(chain.request());
          } catch (IOException e) {
            return chain.proceed(chain.request());
          }
        };
    OkHttpClient client = mirrored().newBuilder().addInterceptor(retry).build();
    try (TestTarget primary = WELL.get();
        Response response =
            client
                .newCall(
                    new Request.Builder()
                        .url(url(primary))
                        .post(
                            body(
                                length,
                                sink -> {
                                  sink.write(large, 0, 3_000_000);
                                  if (attempts.incrementAndGet() == 1) {
                                    assertThat(stats().bufferedBytes()).isGreaterThan(2_900_000);
                                    throw new IOException("failed on purpose");
                                  }
                                  sink.write(large, 3_000_000, 1_000_000);
                                }))
                        .build())
                .execute()) {
      assertThat(response.code()).isEqualTo(200);
      assertThat(primary.requests().get(0).body()).isEqualTo(large);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    assertThat(attempts).hasValue(2);
    assertOutcomes(Outcome.ACCEPTED);
    assertCopies(large);
  }

  @Test
  void memoryOfAnIncompleteAttemptIsReleasedAtOnce() throws IOException {
    Interceptor checking =
        chain -> {
          try {
            return chain.proceed(chain.request());
          } catch (IOException e) {
            assertThat(stats().bufferedBytes()).isLessThan(10_000);
            throw e;
          }
        };
    OkHttpClient client = mirrored().newBuilder().addInterceptor(checking).build();
    try (TestTarget primary = WELL.get()) {
      RequestBody broken =
          body(
              -1,
              sink -> {
                sink.write(BODY).flush();
                assertThat(stats().bufferedBytes()).isGreaterThan(BODY.length);
                throw new IOException("on purpose");
              });
      Request request = new Request.Builder().url(url(primary)).post(broken).build();
      assertThat(Observed.of(client, request).response()).contains("IOException: on purpose");
    }
    assertOutcomes(Outcome.BODY_INCOMPLETE);
  }

  /** The primary received the complete body only before the redirect. */
  @Test
  void callWithAnIncompleteLastAttemptIsNotCopied() {
    Observed seen =
        same(
            first("HTTP/1.1 307 Moved", "Location: /moved"),
            () -> {
              AtomicInteger attempts = new AtomicInteger();
              return body(
                  -1,
                  sink -> {
                    sink.write(BODY);
                    if (attempts.incrementAndGet() == 2) {
                      throw new IOException("failed on purpose");
                    }
                  });
            });
    assertThat(seen.writes()).isEqualTo(2);
    assertThat(seen.response()).contains("failed on purpose");
    assertOutcomes(Outcome.BODY_INCOMPLETE);
    assertThat(target.requests()).isEmpty();
  }

  /** Concurrent attempts would mix their bytes. */
  @Test
  void concurrentAttemptsAreNotCopied() throws Exception {
    CyclicBarrier bothAttempts = new CyclicBarrier(2);
    RequestBody body =
        body(
            -1,
            sink -> {
              sink.write(BODY, 0, 20_000);
              await(bothAttempts);
              sink.write(BODY, 20_000, 30_000);
              await(bothAttempts);
            });
    OkHttpClient other = client(builder -> builder);
    Interceptor hedge =
        chain -> {
          CompletableFuture<Integer> second = new CompletableFuture<>();
          Thread thread =
              new Thread(
                  () -> {
                    try (Response response = other.newCall(chain.request()).execute()) {
                      second.complete(response.code());
                    } catch (IOException e) {
                      second.completeExceptionally(e);
                    }
                  },
                  "hedge");
          thread.start();
          Response response = chain.proceed(chain.request());
          assertThat(second.join()).isEqualTo(200);
          return response;
        };
    OkHttpClient client = mirrored().newBuilder().addInterceptor(hedge).build();
    try (TestTarget primary = WELL.get();
        Response response =
            client.newCall(new Request.Builder().url(url(primary)).post(body).build()).execute()) {
      assertThat(response.code()).isEqualTo(200);
      assertThat(primary.requests()).extracting(HttpMessage::body).containsExactly(BODY, BODY);
    }
    assertOutcomes(Outcome.BODY_UNSUPPORTED);
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await(10, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** The interceptor sees each of these attempts as a call. */
  @Test
  void attemptsOfARetryInterceptorBeforeTheMirrorAreAllCopied() throws IOException {
    Interceptor retry =
        chain -> {
          Response response = chain.proceed(chain.request());
          if (response.code() == 500) {
            response.close();
            return chain.proceed(chain.request());
          }
          return response;
        };
    OkHttpClient client = mirrored(builder -> builder.addInterceptor(retry));
    try (TestTarget primary = first("HTTP/1.1 500 Broken").get();
        Response response = client.newCall(post(url(primary), BODY)).execute()) {
      assertThat(response.code()).isEqualTo(200);
    }
    assertCopies(BODY, BODY);
  }
}
