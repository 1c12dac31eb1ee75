package io.github.requestmirror.httpclient5;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.TestTarget;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.async.AsyncExecChainHandler;
import org.apache.hc.client5.http.async.methods.SimpleHttpRequest;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Calls pass a mirror that is switched off with the same objects as without it. */
class DisabledMirrorTest {
  @RegisterExtension final Conservation conservation = new Conservation();
  private final TestTarget primary = new TestTarget();
  private final TestTarget secondary = new TestTarget();
  private final Mirror mirror =
      conservation.watch(
          Mirror.start(
              MirrorTarget.builder(secondary.uri()).name("secondary").build(),
              MirrorPolicy.builder().build()));
  private final MirrorExecChainHandler handler = new MirrorExecChainHandler(mirror);
  private final List<Object> before = Collections.synchronizedList(new ArrayList<>());
  private final List<Object> after = Collections.synchronizedList(new ArrayList<>());

  @BeforeEach
  void disable() {
    mirror.enabled(false);
  }

  @AfterEach
  void closeServers() {
    primary.close();
    secondary.close();
  }

  private void assertSameObjects() {
    assertThat(after).hasSameSizeAs(before).isNotEmpty();
    for (int i = 0; i < before.size(); i++) {
      assertThat(after.get(i)).isSameAs(before.get(i));
    }
    assertThat(mirror.stats().target("secondary").count(Outcome.DISABLED)).isEqualTo(1);
    assertThat(secondary.requests()).isEmpty();
  }

  @Test
  void classicCallProceedsWithTheSameObjects() throws Exception {
    try (CloseableHttpClient client =
        HttpClients.custom()
            .addExecInterceptorFirst("after", recording(after))
            .addExecInterceptorFirst("mirror", handler)
            .addExecInterceptorFirst("before", recording(before))
            .build()) {
      HttpPost post = new HttpPost(primary.uri());
      post.setEntity(new StringEntity("body"));
      client.execute(post, response -> null);
    }
    assertSameObjects();
  }

  private static ExecChainHandler recording(List<Object> objects) {
    return (request, scope, chain) -> {
      Collections.addAll(objects, request, request.getEntity(), scope);
      return chain.proceed(request, scope);
    };
  }

  @Test
  void asyncCallProceedsWithTheSameObjects() throws Exception {
    try (CloseableHttpAsyncClient client =
        HttpAsyncClients.custom()
            .addExecInterceptorFirst("after", asyncRecording(after))
            .addExecInterceptorFirst("mirror", handler)
            .addExecInterceptorFirst("before", asyncRecording(before))
            .build()) {
      client.start();
      SimpleHttpRequest post = SimpleHttpRequest.create("POST", primary.uri());
      post.setBody("body", ContentType.TEXT_PLAIN);
      client.execute(post, null).get(20, TimeUnit.SECONDS);
    }
    assertSameObjects();
  }

  private static AsyncExecChainHandler asyncRecording(List<Object> objects) {
    return (request, body, scope, chain, callback) -> {
      Collections.addAll(objects, request, body, scope, callback);
      chain.proceed(request, body, scope, callback);
    };
  }
}
