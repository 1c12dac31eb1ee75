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

/** Responses that come while the body still goes out. */
class EarlyResponseTest {
  private static final Duration SOON = Duration.ofSeconds(10);
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
  private final CountDownLatch over = new CountDownLatch(1);

  {
    client.start();
  }

  @AfterEach
  void closeAll() {
    over.countDown();
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

  /** Says something while the body comes, and reads no more until the test is over. */
  private ScriptedPrimary.Step interrupts(String... headLines) {
    return exchange -> {
      exchange.in().readNBytes(200_000);
      exchange.send(headLines);
      over.await();
    };
  }

  @Test
  void asyncErrorBeforeTheBodyIsCompleteEndsTheCapture() throws Exception {
    primary.restart(
        List.of(interrupts("HTTP/1.1 413 Too Large", "Content-Length: 0", "Connection: close")));
    SimpleHttpResponse response =
        execute(new BasicAsyncEntityProducer(LARGE, null)).get(20, TimeUnit.SECONDS);
    assertThat(response.getCode()).isEqualTo(413);
    // The client ends the stream now, without the rest.
    assertThat(stats().count(Outcome.BODY_INCOMPLETE)).as("%s", stats()).isEqualTo(1);
    Conservation.awaitSettled(mirror);
    assertThat(secondary.requests()).isEmpty();
  }

  /** The length is not declared, so the end that the client makes looks like any other. */
  @Test
  void asyncErrorBeforeAChunkedBodyIsCompleteEndsTheCapture() throws Exception {
    primary.restart(List.of(interrupts("HTTP/1.1 500 Oops", "Content-Length: 0")));
    SimpleHttpResponse response =
        execute(new BasicAsyncEntityProducer(LARGE, null, true)).get(20, TimeUnit.SECONDS);
    assertThat(response.getCode()).isEqualTo(500);
    assertThat(stats().count(Outcome.BODY_INCOMPLETE)).as("%s", stats()).isEqualTo(1);
    assertThat(secondary.requests()).isEmpty();
  }

  /** The call goes on in both directions, and is mirrored when the body is complete. */
  @Test
  void asyncSuccessWhileTheBodyGoesOnIsMirroredAtItsEnd() throws Exception {
    CountDownLatch responded = new CountDownLatch(1);
    CountDownLatch sentOn = new CountDownLatch(1);
    primary.restart(
        List.of(
            exchange -> {
              exchange.in().readNBytes(5);
              exchange.send("HTTP/1.1 200 OK", "Content-Length: 2", "", "ok");
              sentOn.await();
              exchange.in().transferTo(java.io.OutputStream.nullOutputStream());
            }));
    Future<SimpleHttpResponse> call = execute(new TwoParts(responded));
    await().atMost(SOON).until(() -> primary.requestsBegun() == 1);
    SimpleHttpResponse response = call.get(20, TimeUnit.SECONDS);
    assertThat(response.getCode()).isEqualTo(200);
    assertThat(stats().pending()).as("%s", stats()).isEqualTo(1);
    responded.countDown();
    sentOn.countDown();
    await().atMost(SOON).until(() -> stats().count(Outcome.ACCEPTED) == 1);
    assertThat(secondary.requests().get(0).body())
        .isEqualTo("firstsecond".getBytes(StandardCharsets.US_ASCII));
  }

  /** Sends its second part when told. */
  private static final class TwoParts implements AsyncEntityProducer {
    private final CountDownLatch goOn;
    private int parts;

    TwoParts(CountDownLatch goOn) {
      this.goOn = goOn;
    }

    @Override
    public void produce(DataStreamChannel channel) throws IOException {
      if (parts == 0) {
        parts = 1;
        channel.write(ByteBuffer.wrap("first".getBytes(StandardCharsets.US_ASCII)));
        new Thread(
                () -> {
                  try {
                    goOn.await();
                    channel.requestOutput();
                  } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                })
            .start();
      } else if (parts == 1 && goOn.getCount() == 0) {
        parts = 2;
        channel.write(ByteBuffer.wrap("second".getBytes(StandardCharsets.US_ASCII)));
        channel.endStream();
      }
    }

    @Override
    public int available() {
      return parts == 0 || goOn.getCount() == 0 ? 1 : 0;
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

  /** Its thread writes to the connection past the client's own. */
  @Test
  @SuppressWarnings("deprecation") // What replaces it is newer than the oldest client.
  void asyncBodyWrittenByAnotherThread() throws Exception {
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

  /** The classic client writes on, or hears of it by an exception. */
  @Test
  void classicErrorBeforeTheBodyIsComplete() throws Exception {
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
