package io.github.requestmirror.httpclient5;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.Wire;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.async.methods.SimpleResponseConsumer;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.Message;
import org.apache.hc.core5.http.URIScheme;
import org.apache.hc.core5.http.impl.bootstrap.HttpAsyncServer;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.http.nio.AsyncEntityProducer;
import org.apache.hc.core5.http.nio.AsyncRequestConsumer;
import org.apache.hc.core5.http.nio.AsyncServerRequestHandler;
import org.apache.hc.core5.http.nio.entity.BasicAsyncEntityConsumer;
import org.apache.hc.core5.http.nio.entity.BasicAsyncEntityProducer;
import org.apache.hc.core5.http.nio.support.AsyncResponseBuilder;
import org.apache.hc.core5.http.nio.support.BasicRequestConsumer;
import org.apache.hc.core5.http.nio.support.BasicRequestProducer;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.http2.HttpVersionPolicy;
import org.apache.hc.core5.http2.impl.nio.bootstrap.H2ServerBootstrap;
import org.apache.hc.core5.io.CloseMode;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Calls over HTTP/2, whose copies are sent over HTTP/1.1. */
class Http2Test {
  @RegisterExtension final Conservation conservation = new Conservation();
  private final TestTarget secondary = new TestTarget();
  private final Mirror mirror =
      conservation.watch(
          Mirror.start(
              MirrorTarget.builder(secondary.uri()).name("secondary").build(),
              MirrorPolicy.builder().build()));
  private final MirrorExecChainHandler handler = new MirrorExecChainHandler(mirror);
  private final List<byte[]> received = new CopyOnWriteArrayList<>();
  private final HttpAsyncServer primary =
      H2ServerBootstrap.bootstrap()
          .setCanonicalHostName("127.0.0.1")
          .setVersionPolicy(HttpVersionPolicy.FORCE_HTTP_2)
          .register("*", new Receiver())
          .create();
  private int port;

  /** Responds to complete requests. */
  private final class Receiver implements AsyncServerRequestHandler<Message<HttpRequest, byte[]>> {
    @Override
    public AsyncRequestConsumer<Message<HttpRequest, byte[]>> prepare(
        HttpRequest request, @Nullable EntityDetails details, HttpContext context) {
      return new BasicRequestConsumer<>(details == null ? null : new BasicAsyncEntityConsumer());
    }

    @Override
    public void handle(
        Message<HttpRequest, byte[]> request, ResponseTrigger trigger, HttpContext context)
        throws org.apache.hc.core5.http.HttpException, java.io.IOException {
      received.add(request.getBody() == null ? new byte[0] : request.getBody());
      trigger.submitResponse(
          AsyncResponseBuilder.create(200).setEntity(request.getHead().getPath()).build(), context);
    }
  }

  @BeforeEach
  void startPrimary() throws Exception {
    primary.start();
    port =
        ((InetSocketAddress)
                primary
                    .listen(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), URIScheme.HTTP)
                    .get(10, TimeUnit.SECONDS)
                    .getAddress())
            .getPort();
  }

  @AfterEach
  void closeServers() {
    primary.close(CloseMode.IMMEDIATE);
    secondary.close();
  }

  private void assertCopied(CloseableHttpAsyncClient client) throws Exception {
    try (client) {
      client.start();
      for (int size : new int[] {0, 10, 70_000, 5 << 20}) {
        for (boolean chunked : new boolean[] {false, true}) {
          byte[] body = Wire.bytes(size, size);
          Future<SimpleHttpResponse> call =
              execute(client, new BasicAsyncEntityProducer(body, null, chunked));
          SimpleHttpResponse response = call.get(20, TimeUnit.SECONDS);
          assertThat(response.getCode()).isEqualTo(200);
          assertThat(response.getBodyText()).isEqualTo("/a%20b?c");
          assertThat(received.get(received.size() - 1)).isEqualTo(body);
        }
      }
      assertThat(execute(client, null).get(20, TimeUnit.SECONDS).getCode()).isEqualTo(200);
    }
    Conservation.awaitSettled(mirror);
    assertThat(secondary.requests()).hasSize(9);
    for (int i = 0; i < 9; i++) {
      HttpMessage copy = secondary.requests().get(i);
      assertThat(copy.startLine()).isEqualTo("POST /a%20b?c HTTP/1.1");
      assertThat(copy.header("X-Scope-OrgID")).isEqualTo("tenant");
      assertThat(Arrays.equals(copy.body(), received.get(i))).as("body %s", i).isTrue();
    }
  }

  private Future<SimpleHttpResponse> execute(
      CloseableHttpAsyncClient client, @Nullable AsyncEntityProducer body) {
    BasicHttpRequest request =
        new BasicHttpRequest("POST", URI.create("http://127.0.0.1:" + port + "/a%20b?c"));
    request.addHeader("X-Scope-OrgID", "tenant");
    return client.execute(
        new BasicRequestProducer(request, body), SimpleResponseConsumer.create(), null);
  }

  @Test
  void callsOfAClientForcedToHttp2AreCopied() throws Exception {
    assertCopied(
        HttpAsyncClients.custom()
            .addExecInterceptorFirst("mirror", handler)
            .setConnectionManager(
                PoolingAsyncClientConnectionManagerBuilder.create()
                    .setDefaultTlsConfig(
                        TlsConfig.custom().setVersionPolicy(HttpVersionPolicy.FORCE_HTTP_2).build())
                    .build())
            .build());
  }

  @Test
  void callsOfTheHttp2ClientAreCopied() throws Exception {
    assertCopied(HttpAsyncClients.customHttp2().addExecInterceptorFirst("mirror", handler).build());
  }
}
