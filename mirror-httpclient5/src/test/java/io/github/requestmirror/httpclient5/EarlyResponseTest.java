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
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.async.methods.SimpleResponseConsumer;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.http.nio.AsyncEntityProducer;
import org.apache.hc.core5.http.nio.DataStreamChannel;
import org.apache.hc.core5.http.nio.entity.BasicAsyncEntityProducer;
import org.apache.hc.core5.http.nio.support.BasicRequestProducer;
import org.apache.hc.core5.http.nio.support.classic.AbstractClassicEntityProducer;
import org.apache.hc.core5.io.CloseMode;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Responses that arrive before the complete body has been written. */
class EarlyResponseTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration POLL = Duration.ofMillis(2);
  private static final byte[] LARGE = Wire.bytes(15 << 20, 3);

  @RegisterExtension final Conservation conservation = new Conservation();
  private final ScriptedPrimary primary = new ScriptedPrimary();
  private final TestTarget secondary = new TestTarget();
  private final Mirror mirror =
      conservation.watch(
          Mirror.start(
              MirrorTarget.builder(secondary.uri()).name("secondary").build(),
              MirrorPolicy.builder().build()));
  private final MirrorExecChainHandler handler = new MirrorExecChainHandler(mirror);
  private final CloseableHttpAsyncClient client =
      HttpAsyncClients.custom().addExecInterceptorFirst("mirror", handler).build();
  private final CountDownLatch end = new CountDownLatch(1);

  {
    client.start();
  }

  @AfterEach
  void closeAll() {
    end.countDown();
    client.close(CloseMode.IMMEDIATE);
    primary.close();
    secondary.close();
  }

  private MirrorStats.Target stats() {
    return mirror.stats().target("secondary");
  }

  private Future<SimpleHttpResponse> execute(AsyncEntityProducer body) {
    return client.execute(
        new BasicRequestProducer(new BasicHttpRequest("POST", URI.create(primary.uri("/"))), body),
        SimpleResponseConsumer.create(),
        null);
  }

  /** Responds after part of the body and reads no more until the test ends. */
  private ScriptedPrimary.Step respondsWithinTheBody(String... headLines) {
    return exchange -> {
      exchange.in().readNBytes(200_000);
      exchange.send(headLines);
      end.await();
    };
  }

  @Test
  void asyncCallWithAnErrorResponseWithinItsBodyIsNotCopied() throws Exception {
    primary.restart(
        List.of(
            respondsWithinTheBody(
                "HTTP/1.1 413 Too Large", "Content-Length: 0", "Connection: close")));
    SimpleHttpResponse response =
        execute(new BasicAsyncEntityProducer(LARGE, null)).get(20, TimeUnit.SECONDS);
    assertThat(response.getCode()).isEqualTo(413);
    // The client ends the stream without the rest of the body.
    assertThat(stats().count(Outcome.BODY_INCOMPLETE)).as("%s", stats()).isEqualTo(1);
    Conservation.awaitSettled(mirror);
    assertThat(secondary.requests()).isEmpty();
  }

  /** Without a declared length the client ends the stream as at the end of the body. */
  @Test
  void asyncCallWithAnErrorResponseWithinItsChunkedBodyIsNotCopied() throws Exception {
    primary.restart(List.of(respondsWithinTheBody("HTTP/1.1 500 Oops", "Content-Length: 0")));
    SimpleHttpResponse response =
        execute(new BasicAsyncEntityProducer(LARGE, null, true)).get(20, TimeUnit.SECONDS);
    assertThat(response.getCode()).isEqualTo(500);
    assertThat(stats().count(Outcome.BODY_INCOMPLETE)).as("%s", stats()).isEqualTo(1);
    assertThat(secondary.requests()).isEmpty();
  }

  /** The client continues to write the body after the response. */
  @Test
  void asyncCallWithASuccessResponseWithinItsBodyIsCopiedAtTheEndOfTheBody() throws Exception {
    CountDownLatch responded = new CountDownLatch(1);
    CountDownLatch bodyMayEnd = new CountDownLatch(1);
    primary.restart(
        List.of(
            exchange -> {
              exchange.in().readNBytes(5);
              exchange.send("HTTP/1.1 200 OK", "Content-Length: 2", "", "ok");
              bodyMayEnd.await();
              exchange.in().transferTo(java.io.OutputStream.nullOutputStream());
            }));
    Future<SimpleHttpResponse> call = execute(new TwoParts(responded));
    await().atMost(SOON).pollInterval(POLL).until(() -> primary.requestsBegun() == 1);
    SimpleHttpResponse response = call.get(20, TimeUnit.SECONDS);
    assertThat(response.getCode()).isEqualTo(200);
    assertThat(stats().pending()).as("%s", stats()).isEqualTo(1);
    responded.countDown();
    bodyMayEnd.countDown();
    await().atMost(SOON).pollInterval(POLL).until(() -> stats().count(Outcome.ACCEPTED) == 1);
    assertThat(secondary.requests().get(0).body())
        .isEqualTo("firstsecond".getBytes(StandardCharsets.US_ASCII));
  }

  /** Sends its second part when the latch opens. */
  private static final class TwoParts implements AsyncEntityProducer {
    private final CountDownLatch secondPart;
    private int parts;

    TwoParts(CountDownLatch secondPart) {
      this.secondPart = secondPart;
    }

    @Override
    public void produce(DataStreamChannel channel) throws IOException {
      if (parts == 0) {
        parts = 1;
        channel.write(ByteBuffer.wrap("first".getBytes(StandardCharsets.US_ASCII)));
        new Thread(
                () -> {
                  try {
                    secondPart.await();
                    channel.requestOutput();
                  } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                })
            .start();
      } else if (parts == 1 && secondPart.getCount() == 0) {
        parts = 2;
        channel.write(ByteBuffer.wrap("second".getBytes(StandardCharsets.US_ASCII)));
        channel.endStream();
      }
    }

    @Override
    public int available() {
      return parts == 0 || secondPart.getCount() == 0 ? 1 : 0;
    }

    @Override
    public boolean isRepeatable() {
      return false;
    }

    @Override
    public void failed(Exception cause) {}

    @Override
    public long getContentLength() {
      return -1;
    }

    @Override
    public @Nullable String getContentType() {
      return null;
    }

    @Override
    public @Nullable String getContentEncoding() {
      return null;
    }

    @Override
    public boolean isChunked() {
      return true;
    }

    @Override
    public Set<String> getTrailerNames() {
      return Set.of();
    }

    @Override
    public void releaseResources() {}
  }

  /** The producer's own thread writes to the connection. */
  @Test
  @SuppressWarnings("deprecation") // The oldest supported client has no replacement.
  void asyncBodyWrittenByAnotherThreadIsCopied() throws Exception {
    primary.restart(List.of(ScriptedPrimary.responds("HTTP/1.1 200 OK", "Content-Length: 0")));
    byte[] body = Wire.bytes(3 << 20, 5);
    AsyncEntityProducer producer =
        new AbstractClassicEntityProducer(
            4096, ContentType.APPLICATION_OCTET_STREAM, task -> new Thread(task).start()) {
          @Override
          protected void produceData(ContentType type, java.io.OutputStream out)
              throws IOException {
            for (int at = 0; at < body.length; at += 1000) {
              out.write(body, at, Math.min(1000, body.length - at));
            }
            out.close();
          }
        };
    assertThat(execute(producer).get(20, TimeUnit.SECONDS).getCode()).isEqualTo(200);
    Conservation.awaitSettled(mirror);
    assertThat(primary.requests().get(0).body()).isEqualTo(body);
    assertThat(secondary.requests().get(0).body()).isEqualTo(body);
  }

  /** The classic client continues to write until the connection is reset. */
  @Test
  void classicCallWithAnErrorResponseWithinItsBodyIsNotCopied() throws Exception {
    primary.restart(
        List.of(
            exchange -> {
              exchange.in().readNBytes(200_000);
              exchange.send("HTTP/1.1 413 Too Large", "Content-Length: 0", "Connection: close");
              throw new IOException("reset on purpose");
            }));
    try (CloseableHttpClient classic =
        HttpClients.custom()
            .disableAutomaticRetries()
            .addExecInterceptorFirst("mirror", handler)
            .build()) {
      HttpPost post = new HttpPost(primary.uri("/"));
      post.setEntity(new InputStreamEntity(new java.io.ByteArrayInputStream(LARGE), null));
      assertThatThrownBy(() -> classic.execute(post, response -> null))
          .isInstanceOf(IOException.class);
    }
    Conservation.awaitSettled(mirror);
    assertThat(stats().count(Outcome.BODY_INCOMPLETE)).isEqualTo(1);
    assertThat(secondary.requests()).isEmpty();
  }
}
