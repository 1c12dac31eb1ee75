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
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
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

/** Cancellation at the moments that only one of the two clients has. */
class CancelTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration POLL = Duration.ofMillis(2);
  private static final byte[] SMALL = Wire.bytes(2_000, 1);

  @RegisterExtension final Conservation conservation = new Conservation();
  private final ScriptedPrimary primary = new ScriptedPrimary();
  private final TestTarget secondary = new TestTarget();
  private final Mirror mirror =
      conservation.watch(
          Mirror.start(
              MirrorTarget.builder(secondary.uri()).name("secondary").build(),
              MirrorPolicy.builder().build()));
  private final MirrorExecChainHandler handler = new MirrorExecChainHandler(mirror);
  private final List<CloseableHttpAsyncClient> asyncClients = new ArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void closeAll() {
    // A graceful close waits five seconds for exchanges that hang.
    asyncClients.forEach(client -> client.close(CloseMode.IMMEDIATE));
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
        .pollInterval(POLL)
        .untilAsserted(
            () ->
                assertThat(stats().count(Outcome.BODY_INCOMPLETE)).as("%s", stats()).isEqualTo(1));
    Conservation.awaitSettled(mirror);
    assertThat(secondary.requests()).isEmpty();
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
  void classicCallCancelledBeforeItStartsIsNotCopied() throws Exception {
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

  /** The copy is sent when the response begins. */
  @Test
  void classicCallCancelledAfterItsResponseBeganIsCopied() throws Exception {
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
      // The rest of the response does not arrive.
    }
    Conservation.awaitSettled(mirror);
    assertThat(stats().count(Outcome.ACCEPTED)).isEqualTo(1);
  }

  private HttpAsyncClientBuilder builder() {
    return HttpAsyncClients.custom().addExecInterceptorFirst("mirror", handler);
  }

  private CloseableHttpAsyncClient start(HttpAsyncClientBuilder builder) {
    CloseableHttpAsyncClient client = builder.build();
    asyncClients.add(client);
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

  /** The exchange continues, but its end is not reported. */
  @Test
  void asyncCallCancelledWithoutHardCancellationIsNotCopied() throws Exception {
    primary.restart(List.of(ScriptedPrimary.hangs()));
    HttpAsyncClientBuilder builder =
        builder()
            .setDefaultRequestConfig(
                RequestConfig.custom().setHardCancellationEnabled(false).build());
    CloseableHttpAsyncClient client = start(builder);
    Future<SimpleHttpResponse> call = execute(client, SMALL);
    await().atMost(SOON).pollInterval(POLL).until(() -> primary.requests().size() == 1);
    assertThat(call.cancel(true)).isTrue();
    assertNotSent();
  }

  /** The client has no running exchange to cancel. */
  @Test
  void asyncCallCancelledWhileItWaitsForARetryIsNotCopied() throws Exception {
    primary.restart(List.of(ScriptedPrimary.responds("HTTP/1.1 503 Busy", "Content-Length: 0")));
    HttpAsyncClientBuilder builder =
        builder().setRetryStrategy(new DefaultHttpRequestRetryStrategy(1, TimeValue.ofSeconds(40)));
    CloseableHttpAsyncClient client = start(builder);
    Future<SimpleHttpResponse> call = execute(client, SMALL);
    await().atMost(SOON).pollInterval(POLL).until(() -> primary.requests().size() == 1);
    assertThat(call.cancel(true)).isTrue();
    assertNotSent();
  }

  @Test
  void asyncCallCancelledWhileItWaitsForAConnectionIsNotCopied() throws Exception {
    primary.restart(List.of(ScriptedPrimary.hangs()));
    HttpAsyncClientBuilder builder =
        builder()
            .setConnectionManager(
                PoolingAsyncClientConnectionManagerBuilder.create().setMaxConnTotal(1).build());
    CloseableHttpAsyncClient client = start(builder);
    Future<SimpleHttpResponse> first = execute(client, SMALL);
    await().atMost(SOON).pollInterval(POLL).until(() -> primary.requests().size() == 1);
    Future<SimpleHttpResponse> second = execute(client, SMALL);
    assertThat(second.cancel(true)).isTrue();
    assertThat(stats().count(Outcome.BODY_INCOMPLETE)).isEqualTo(1);
    first.cancel(true);
    await()
        .atMost(SOON)
        .pollInterval(POLL)
        .until(() -> stats().count(Outcome.BODY_INCOMPLETE) == 2);
  }

  @Test
  void cancelledAsyncCallWithoutABodyIsNotCopied() throws Exception {
    primary.restart(List.of(ScriptedPrimary.hangs()));
    CloseableHttpAsyncClient client = start(builder());
    Future<SimpleHttpResponse> call = execute(client, null);
    await().atMost(SOON).pollInterval(POLL).until(() -> primary.requests().size() == 1);
    assertThat(call.cancel(true)).isTrue();
    assertNotSent();
  }
}
