package io.github.requestmirror.httpclient5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.client.contract.ScriptedPrimary;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.Wire;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.async.methods.SimpleResponseConsumer;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.http.nio.AsyncEntityProducer;
import org.apache.hc.core5.http.nio.entity.BasicAsyncEntityProducer;
import org.apache.hc.core5.http.nio.support.BasicRequestProducer;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Calls that nobody waits for any more: no copy, and its memory is free at once. */
class CancelTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final byte[] SMALL = Wire.bytes(2_000, 1);
  private static final byte[] LARGE = Wire.bytes(12 << 20, 3);

  @RegisterExtension final Conservation conservation = new Conservation();
  private final ScriptedPrimary primary = new ScriptedPrimary();
  private final TestTarget secondary = new TestTarget();
  private final Mirror mirror =
      conservation.watch(
          Mirror.start(
              MirrorTarget.builder(secondary.uri()).name("secondary").build(),
              MirrorPolicy.builder().build()));
  private final MirrorExecChainHandler handler = new MirrorExecChainHandler(mirror);
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void closeServers() {
    threads.shutdownNow();
    primary.close();
    secondary.close();
  }

  private MirrorStats.Target stats() {
    return mirror.stats().target("secondary");
  }

  private void assertNotSent() {
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(stats().count(Outcome.BODY_INCOMPLETE)).as("%s", stats()).isEqualTo(1));
    Conservation.awaitSettled(mirror);
    assertThat(secondary.requests()).isEmpty();
  }

  /** Takes the head and a little, then nothing. */
  private static ScriptedPrimary.Step stalls() {
    return exchange -> {
      exchange.in().readNBytes(1000);
      Thread.currentThread().join();
    };
  }

  private CloseableHttpClient classic() {
    return HttpClients.custom().addExecInterceptorFirst("mirror", handler).build();
  }

  private Future<Integer> execute(CloseableHttpClient client, HttpPost post) {
    return threads.submit(() -> client.execute(post, response -> response.getCode()));
  }

  private HttpPost post(byte[] body) {
    HttpPost post = new HttpPost(primary.uri("/"));
    post.setEntity(new ByteArrayEntity(body, null));
    return post;
  }

  @Test
  void classicCallCancelledHalfWay() throws Exception {
    primary.restart(List.of(stalls()));
    try (CloseableHttpClient client = classic()) {
      HttpPost post = new HttpPost(primary.uri("/"));
      post.setEntity(new InputStreamEntity(new ByteArrayInputStream(LARGE), null));
      Future<Integer> call = execute(client, post);
      await().atMost(SOON).until(() -> stats().bufferedBytes() > 100_000);
      post.cancel();
      assertThatThrownBy(() -> call.get(10, TimeUnit.SECONDS))
          .hasCauseInstanceOf(IOException.class);
      assertNotSent();
    }
  }

  /** Unlike a timeout: nobody wants it. */
  @Test
  void classicCallCancelledWhileItWaitsForItsResponse() throws Exception {
    primary.restart(List.of(ScriptedPrimary.hangs()));
    try (CloseableHttpClient client = classic()) {
      HttpPost post = post(SMALL);
      Future<Integer> call = execute(client, post);
      await().atMost(SOON).until(() -> primary.requests().size() == 1);
      post.cancel();
      assertThatThrownBy(() -> call.get(10, TimeUnit.SECONDS))
          .hasCauseInstanceOf(IOException.class);
      assertNotSent();
    }
  }

  @Test
  void classicCallCancelledBefore() throws Exception {
    primary.restart(List.of(ScriptedPrimary.hangs()));
    try (CloseableHttpClient client = classic()) {
      HttpPost post = post(SMALL);
      post.cancel();
      Future<Integer> call = execute(client, post);
      assertThatThrownBy(() -> call.get(10, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class);
      assertNotSent();
    }
  }

  /** The copy was on its way when the response began. */
  @Test
  void classicCallCancelledAfterItsResponseBegan() throws Exception {
    primary.restart(
        List.of(ScriptedPrimary.responds("HTTP/1.1 200 OK", "Content-Length: 10", "", "half")));
    try (CloseableHttpClient client = classic()) {
      HttpPost post = post(SMALL);
      client.execute(
          post,
          response -> {
            post.cancel();
            return null;
          });
    } catch (IOException e) {
      // The rest of the response.
    }
    Conservation.awaitSettled(mirror);
    assertThat(stats().count(Outcome.ACCEPTED)).isEqualTo(1);
  }

  @Test
  void classicTimeoutAfterTheWholeBodyIsMirrored() throws Exception {
    primary.restart(List.of(ScriptedPrimary.hangs()));
    try (CloseableHttpClient client = classic()) {
      HttpPost post = post(SMALL);
      post.setConfig(RequestConfig.custom().setResponseTimeout(200, TimeUnit.MILLISECONDS).build());
      assertThatThrownBy(() -> client.execute(post, response -> null))
          .isInstanceOf(java.net.SocketTimeoutException.class);
    }
    Conservation.awaitSettled(mirror);
    assertThat(stats().count(Outcome.ACCEPTED)).isEqualTo(1);
    assertThat(secondary.requests().get(0).body()).isEqualTo(SMALL);
  }

  private HttpAsyncClientBuilder builder() {
    return HttpAsyncClients.custom().addExecInterceptorFirst("mirror", handler);
  }

  private static CloseableHttpAsyncClient start(HttpAsyncClientBuilder builder) {
    CloseableHttpAsyncClient client = builder.build();
    client.start();
    return client;
  }

  private Future<SimpleHttpResponse> execute(
      CloseableHttpAsyncClient client, byte @Nullable [] body) {
    AsyncEntityProducer producer = body == null ? null : new BasicAsyncEntityProducer(body, null);
    return client.execute(
        new BasicRequestProducer(
            new BasicHttpRequest("POST", URI.create(primary.uri("/"))), producer),
        SimpleResponseConsumer.create(),
        null);
  }

  @Test
  void asyncCallCancelledHalfWay() throws Exception {
    primary.restart(List.of(stalls()));
    try (CloseableHttpAsyncClient client = start(builder())) {
      Future<SimpleHttpResponse> call = execute(client, LARGE);
      await().atMost(SOON).until(() -> stats().bufferedBytes() > 100_000);
      assertThat(call.cancel(true)).isTrue();
      assertNotSent();
    }
  }

  @Test
  void asyncCallCancelledWhileItWaitsForItsResponse() throws Exception {
    primary.restart(List.of(ScriptedPrimary.hangs()));
    try (CloseableHttpAsyncClient client = start(builder())) {
      Future<SimpleHttpResponse> call = execute(client, SMALL);
      await().atMost(SOON).until(() -> primary.requests().size() == 1);
      assertThat(call.cancel(true)).isTrue();
      assertNotSent();
    }
  }

  /** The exchange goes on, but nobody hears of its end. */
  @Test
  void asyncCallThatIsOnlyForgotten() throws Exception {
    primary.restart(List.of(ScriptedPrimary.hangs()));
    HttpAsyncClientBuilder builder =
        builder()
            .setDefaultRequestConfig(
                RequestConfig.custom().setHardCancellationEnabled(false).build());
    try (CloseableHttpAsyncClient client = start(builder)) {
      Future<SimpleHttpResponse> call = execute(client, SMALL);
      await().atMost(SOON).until(() -> primary.requests().size() == 1);
      assertThat(call.cancel(true)).isTrue();
      assertNotSent();
    }
  }

  /** Nothing runs then that the client could cancel. */
  @Test
  void asyncCallCancelledWhileItWaitsForARetry() throws Exception {
    primary.restart(List.of(ScriptedPrimary.responds("HTTP/1.1 503 Busy", "Content-Length: 0")));
    HttpAsyncClientBuilder builder =
        builder().setRetryStrategy(new DefaultHttpRequestRetryStrategy(1, TimeValue.ofSeconds(40)));
    try (CloseableHttpAsyncClient client = start(builder)) {
      Future<SimpleHttpResponse> call = execute(client, SMALL);
      await().atMost(SOON).until(() -> primary.requests().size() == 1);
      assertThat(call.cancel(true)).isTrue();
      assertNotSent();
      client.close(CloseMode.IMMEDIATE);
    }
  }

  @Test
  void asyncCallCancelledWhileItWaitsForAConnection() throws Exception {
    primary.restart(List.of(ScriptedPrimary.hangs()));
    HttpAsyncClientBuilder builder =
        builder()
            .setConnectionManager(
                PoolingAsyncClientConnectionManagerBuilder.create().setMaxConnTotal(1).build());
    try (CloseableHttpAsyncClient client = start(builder)) {
      Future<SimpleHttpResponse> first = execute(client, SMALL);
      await().atMost(SOON).until(() -> primary.requests().size() == 1);
      Future<SimpleHttpResponse> second = execute(client, SMALL);
      assertThat(second.cancel(true)).isTrue();
      assertThat(stats().count(Outcome.BODY_INCOMPLETE)).isEqualTo(1);
      first.cancel(true);
      await().atMost(SOON).until(() -> stats().count(Outcome.BODY_INCOMPLETE) == 2);
    }
  }

  @Test
  void asyncCallWithoutABodyIsCancelled() throws Exception {
    primary.restart(List.of(ScriptedPrimary.hangs()));
    try (CloseableHttpAsyncClient client = start(builder())) {
      Future<SimpleHttpResponse> call = execute(client, null);
      await().atMost(SOON).until(() -> primary.requests().size() == 1);
      assertThat(call.cancel(true)).isTrue();
      assertNotSent();
    }
  }

  @Test
  void asyncTimeoutAfterTheWholeBodyIsMirrored() throws Exception {
    primary.restart(List.of(ScriptedPrimary.hangs()));
    HttpAsyncClientBuilder builder =
        builder()
            .setDefaultRequestConfig(
                RequestConfig.custom().setResponseTimeout(200, TimeUnit.MILLISECONDS).build());
    try (CloseableHttpAsyncClient client = start(builder)) {
      Future<SimpleHttpResponse> call = execute(client, SMALL);
      assertThatThrownBy(() -> call.get(20, TimeUnit.SECONDS))
          .hasCauseInstanceOf(java.net.SocketTimeoutException.class);
    }
    Conservation.awaitSettled(mirror);
    assertThat(stats().count(Outcome.ACCEPTED)).isEqualTo(1);
    assertThat(secondary.requests().get(0).body()).isEqualTo(SMALL);
  }
}
