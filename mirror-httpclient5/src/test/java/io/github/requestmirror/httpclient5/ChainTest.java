package io.github.requestmirror.httpclient5;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.TestTarget;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.entity.GzipCompressingEntity;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The handler together with other handlers. */
class ChainTest {
  @RegisterExtension final Conservation conservation = new Conservation();
  private final TestTarget primary = new TestTarget();
  private final TestTarget secondary = new TestTarget();

  @AfterEach
  void closeServers() {
    primary.close();
    secondary.close();
  }

  private Mirror start(MirrorPolicy policy) {
    return conservation.watch(
        Mirror.start(MirrorTarget.builder(secondary.uri()).name("secondary").build(), policy));
  }

  private static MirrorStats.Target stats(Mirror mirror) {
    return mirror.stats().target("secondary");
  }

  private HttpPost post() {
    HttpPost post = new HttpPost(primary.uri());
    post.setEntity(new StringEntity("body"));
    return post;
  }

  /** Handlers before the mirror and the caller see the caller's entity. */
  @Test
  void requestHasTheEntityOfTheCallerAfterTheCall() throws Exception {
    HttpPost post = post();
    HttpEntity entity = post.getEntity();
    List<HttpEntity> later = new ArrayList<>();
    List<HttpEntity> during = new ArrayList<>();
    Mirror mirror = start(MirrorPolicy.builder().build());
    try (CloseableHttpClient client =
        HttpClients.custom()
            .addExecInterceptorFirst(
                "after",
                (request, scope, chain) -> {
                  during.add(post.getEntity());
                  assertThat(scope.originalRequest.getRequestUri()).isEqualTo(post.getRequestUri());
                  return chain.proceed(request, scope);
                })
            .addExecInterceptorFirst("mirror", new MirrorExecChainHandler(mirror))
            .addExecInterceptorFirst(
                "before",
                (request, scope, chain) -> {
                  try {
                    return chain.proceed(request, scope);
                  } finally {
                    later.add(request.getEntity());
                  }
                })
            .build()) {
      client.execute(post, response -> null);
    }
    assertThat(later).containsExactly(entity);
    assertThat(during).containsExactly(entity);
    assertThat(post.getEntity()).isSameAs(entity);
    Conservation.awaitSettled(mirror);
    assertThat(stats(mirror).count(Outcome.ACCEPTED)).isEqualTo(1);
  }

  @Test
  void attemptsOfARetryHandlerBeforeTheMirrorAreAllCopied() throws Exception {
    Mirror mirror = start(MirrorPolicy.builder().build());
    primary.behave(
        (request, out) ->
            TestTarget.status(primary.requests().size() < 3 ? 503 : 204).handle(request, out));
    try (CloseableHttpClient client =
        HttpClients.custom()
            .addExecInterceptorFirst("mirror", new MirrorExecChainHandler(mirror))
            .addExecInterceptorFirst(
                "retry",
                (request, scope, chain) -> {
                  while (true) {
                    var response =
                        chain.proceed(
                            ClassicRequestBuilder.copy(scope.originalRequest).build(), scope);
                    if (response.getCode() != 503) {
                      return response;
                    }
                    response.close();
                  }
                })
            .disableAutomaticRetries()
            .build()) {
      client.execute(post(), response -> null);
    }
    Conservation.awaitSettled(mirror);
    assertThat(secondary.requests()).hasSize(3);
    assertThat(secondary.requests())
        .allMatch(copy -> new String(copy.body(), StandardCharsets.US_ASCII).equals("body"));
  }

  @Test
  void copyIsNotCompressedByAHandlerAfterTheMirror() throws Exception {
    Mirror mirror = start(MirrorPolicy.builder().build());
    try (CloseableHttpClient client =
        HttpClients.custom()
            .addExecInterceptorFirst(
                "compress",
                (request, scope, chain) -> {
                  request.setEntity(new GzipCompressingEntity(request.getEntity()));
                  return chain.proceed(request, scope);
                })
            .addExecInterceptorFirst("mirror", new MirrorExecChainHandler(mirror))
            .build()) {
      client.execute(post(), response -> null);
    }
    Conservation.awaitSettled(mirror);
    assertThat(primary.requests().get(0).header("Content-Encoding")).isEqualTo("gzip");
    assertThat(secondary.requests().get(0).header("Content-Encoding")).isNull();
    assertThat(secondary.requests().get(0).body())
        .isEqualTo("body".getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void bodyThatAnotherHandlerReadsAndReplacesIsUnsupported() throws Exception {
    Mirror mirror = start(MirrorPolicy.builder().build());
    try (CloseableHttpClient client =
        HttpClients.custom()
            .addExecInterceptorFirst(
                "replace",
                (request, scope, chain) -> {
                  byte[] body = request.getEntity().getContent().readAllBytes();
                  request.setEntity(new ByteArrayEntity(body, null));
                  return chain.proceed(request, scope);
                })
            .addExecInterceptorFirst("mirror", new MirrorExecChainHandler(mirror))
            .build()) {
      client.execute(post(), response -> null);
    }
    assertThat(stats(mirror).count(Outcome.BODY_UNSUPPORTED)).isEqualTo(1);
    assertThat(secondary.requests()).isEmpty();
  }

  /** For example to sign it; the client writes the body later. */
  @Test
  void bodyThatAnotherHandlerOnlyReadsIsCopied() throws Exception {
    Mirror mirror = start(MirrorPolicy.builder().build());
    try (CloseableHttpClient client =
        HttpClients.custom()
            .addExecInterceptorFirst(
                "sign",
                (request, scope, chain) -> {
                  int length = request.getEntity().getContent().readAllBytes().length;
                  request.addHeader("X-Measured", length);
                  return chain.proceed(request, scope);
                })
            .addExecInterceptorFirst("mirror", new MirrorExecChainHandler(mirror))
            .build()) {
      client.execute(post(), response -> null);
    }
    Conservation.awaitSettled(mirror);
    assertThat(stats(mirror).count(Outcome.ACCEPTED)).isEqualTo(1);
    assertThat(secondary.requests().get(0).header("X-Measured")).isEqualTo("4");
  }
}
