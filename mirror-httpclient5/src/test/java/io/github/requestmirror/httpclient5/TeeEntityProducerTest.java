package io.github.requestmirror.httpclient5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.Wire;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.http.nio.DataStreamChannel;
import org.apache.hc.core5.http.nio.entity.AsyncEntityProducerWrapper;
import org.apache.hc.core5.http.nio.entity.BasicAsyncEntityProducer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The tee on a connection that accepts a limited number of bytes at a time. */
class TeeEntityProducerTest {
  private static final byte[] BODY = Wire.bytes(10_000, 4);

  @RegisterExtension final Conservation conservation = new Conservation();
  private final TestTarget secondary = new TestTarget();
  private final Mirror mirror =
      conservation.watch(
          Mirror.start(
              MirrorTarget.builder(secondary.uri()).name("secondary").build(),
              MirrorPolicy.builder().build()));
  private final BodyCopy copy =
      new BodyCopy(
          mirror,
          new CallHead(HttpClientContext.create(), new BasicHttpRequest("POST", "/"), null),
          true);

  @AfterEach
  void closeServer() {
    secondary.close();
  }

  /** Accepts a limited number of bytes at a time. */
  private static final class Channel implements DataStreamChannel {
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private final int limit;
    private boolean broken;
    private int ends;

    Channel(int limit) {
      this.limit = limit;
    }

    @Override
    public void requestOutput() {}

    @Override
    public int write(ByteBuffer source) throws IOException {
      int count = Math.min(limit, source.remaining());
      for (int i = 0; i < count; i++) {
        taken.write(source.get());
      }
      return count;
    }

    @Override
    public void endStream(@Nullable List<? extends Header> trailers) throws IOException {
      if (broken) {
        throw new IOException("broken on purpose");
      }
      ends++;
    }

    @Override
    public void endStream() throws IOException {
      endStream(null);
    }
  }

  private TeeEntityProducer tee(boolean chunked) {
    return new TeeEntityProducer(new BasicAsyncEntityProducer(BODY, null, chunked), copy);
  }

  private interface Production {
    void produce(DataStreamChannel channel) throws IOException;
  }

  private TeeEntityProducer producing(Production production) {
    return new TeeEntityProducer(
        new AsyncEntityProducerWrapper(new BasicAsyncEntityProducer(BODY, null)) {
          @Override
          public void produce(DataStreamChannel channel) throws IOException {
            production.produce(channel);
          }
        },
        copy);
  }

  private void assertMirrored() {
    copy.responded(200, true);
    Conservation.awaitSettled(mirror);
    assertThat(secondary.requests()).hasSize(1);
    assertThat(secondary.requests().get(0).body()).isEqualTo(BODY);
  }

  @Test
  void onlyAcceptedBytesAreCopied() throws IOException {
    TeeEntityProducer tee = tee(true);
    Channel channel = new Channel(777);
    while (channel.ends == 0) {
      tee.produce(channel);
    }
    assertThat(channel.taken.toByteArray()).isEqualTo(BODY);
    assertMirrored();
  }

  @Test
  void copyRestartsAfterARelease() throws IOException {
    TeeEntityProducer tee = tee(true);
    Channel first = new Channel(777);
    tee.produce(first);
    tee.produce(first);
    tee.releaseResources();
    Channel second = new Channel(5_000);
    while (second.ends == 0) {
      tee.produce(second);
    }
    assertMirrored();
  }

  /** The response may arrive before the client asks the producer for the end. */
  @Test
  void bodyOfDeclaredLengthIsCompleteWithItsLastByte() throws IOException {
    TeeEntityProducer tee = tee(false);
    Channel channel = new Channel(BODY.length);
    channel.broken = true;
    assertThatThrownBy(() -> tee.produce(channel)).isInstanceOf(IOException.class);
    assertMirrored();
  }

  @Test
  void chunkedBodyIsIncompleteWithoutItsEnd() throws IOException {
    TeeEntityProducer tee = tee(true);
    Channel channel = new Channel(BODY.length);
    channel.broken = true;
    assertThatThrownBy(() -> tee.produce(channel)).isInstanceOf(IOException.class);
    copy.withoutResponse();
    assertThat(mirror.stats().target("secondary").count(Outcome.BODY_INCOMPLETE)).isEqualTo(1);
  }

  /** The error ends the client's thread, which then does not report the end of the call. */
  @Test
  void errorOfTheProducerEndsTheCapture() {
    TeeEntityProducer tee =
        producing(
            channel -> {
              throw new LinkageError("on purpose");
            });
    assertThatThrownBy(() -> tee.produce(new Channel(100)))
        .isInstanceOf(LinkageError.class)
        .hasMessage("on purpose");
    assertThat(mirror.stats().target("secondary").count(Outcome.BODY_INCOMPLETE)).isEqualTo(1);
  }

  /** After an early error response the client ends the stream instead of the producer. */
  @Test
  void bodyThatEndsBeforeItsDeclaredLengthIsIncomplete() throws IOException {
    TeeEntityProducer tee =
        producing(
            channel -> {
              channel.write(ByteBuffer.wrap(BODY, 0, 10));
              channel.endStream();
            });
    tee.produce(new Channel(100));
    copy.responded(200, true);
    assertThat(mirror.stats().target("secondary").count(Outcome.BODY_INCOMPLETE)).isEqualTo(1);
  }
}
