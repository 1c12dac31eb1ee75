package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.RawClient;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies read with a {@code ReadListener}. */
abstract class NonBlockingContract extends ServletContract {
  private static final byte[] BODY = bytes(50_000);

  NonBlockingContract(Container container) {
    super(container);
  }

  /** Reads with a listener, and responds after the last byte. */
  static final class Listener implements ReadListener {
    private final AsyncContext async;
    private final ServletInputStream in;
    private final HttpServletResponse response;
    private final byte[] buffer;
    private final AtomicLong read;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();

    Listener(HttpServletRequest request, HttpServletResponse response, int buffer, AtomicLong read)
        throws IOException {
      this.async = request.startAsync();
      this.in = request.getInputStream();
      this.response = response;
      this.buffer = new byte[buffer];
      this.read = read;
    }

    static App app(int buffer, AtomicLong read) {
      return (request, response) -> {
        Listener listener = new Listener(request, response, buffer, read);
        listener.in.setReadListener(listener);
      };
    }

    @Override
    public void onDataAvailable() throws IOException {
      while (in.isReady() && !in.isFinished()) {
        int count = buffer.length == 1 ? in.read() : in.read(buffer);
        if (count < 0) {
          return;
        }
        if (buffer.length == 1) {
          body.write(count);
          read.incrementAndGet();
        } else {
          body.write(buffer, 0, count);
          read.addAndGet(count);
        }
      }
    }

    @Override
    public void onAllDataRead() throws IOException {
      respond(response, body.toByteArray());
      async.complete();
    }

    @Override
    public void onError(Throwable cause) {
      async.complete();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 8192, 1_000_000})
  void bodyReadWithoutBlockingIsCopied(int buffer) throws Exception {
    View view = check(Listener.app(buffer, new AtomicLong()), post(BODY));
    assertThat(view.response()).contains("200", "50000 bytes");
    assertCopied(BODY);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 8192, 1_000_000})
  void chunkedBodyReadWithoutBlockingIsCopied(int buffer) throws Exception {
    View view = check(Listener.app(buffer, new AtomicLong()), chunked(BODY, 777));
    assertThat(view.response()).contains("200", "50000 bytes");
    assertCopied(BODY);
  }

  @Test
  void emptyBodyReadWithoutBlockingIsCopied() throws Exception {
    check(Listener.app(100, new AtomicLong()), post(EMPTY));
    assertCopied(EMPTY);
  }

  @Test
  void emptyChunkedBodyReadWithoutBlockingIsCopied() throws Exception {
    check(Listener.app(100, new AtomicLong()), chunked(EMPTY, 1));
    assertCopied(EMPTY);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void bodyThatArrivesInPartsIsCopied(boolean chunked) throws Exception {
    AtomicLong read = new AtomicLong();
    byte[] framed = chunked ? chunks(BODY, 10_000) : BODY;
    check(
        Listener.app(1000, read),
        client -> {
          read.set(0);
          client.send(
              EMPTY,
              lines(
                  "POST /push HTTP/1.1",
                  chunked ? "Transfer-Encoding: chunked" : "Content-Length: 50000"));
          for (int i = 0; i < 5; i++) {
            int from = framed.length * i / 5;
            int to = framed.length * (i + 1) / 5;
            client.out().write(framed, from, to - from);
            client.out().flush();
            int expected = to - 100;
            if (i < 4) {
              await().until(() -> read.get() >= expected);
            }
          }
          return client.receive(false);
        });
    assertCopied(BODY);
  }

  @Test
  void bodyAbortedWithoutBlockingIsNotCopied() throws Exception {
    AtomicLong read = new AtomicLong();
    application(Listener.app(1000, read));
    try (RawClient client = new RawClient(mirroredPort())) {
      client.send(bytes(3000), lines("POST /push HTTP/1.1", "Content-Length: 50000"));
      await().until(() -> read.get() == 3000);
      client.abort();
    }
    await().until(() -> outcomes().equals(Map.of(Outcome.BODY_INCOMPLETE, 1L)));
    assertThat(target.requests()).isEmpty();
  }

  /** Some applications do not wait for the end after they have read the declared length. */
  @Test
  void bodyLeftAtItsLastByteWithoutBlockingIsCopied() throws Exception {
    check(
        (request, response) -> {
          AsyncContext async = request.startAsync();
          ServletInputStream in = request.getInputStream();
          ByteArrayOutputStream body = new ByteArrayOutputStream();
          in.setReadListener(
              new ReadListener() {
                private boolean responded;

                @Override
                public void onDataAvailable() throws IOException {
                  byte[] buffer = new byte[1000];
                  while (!responded && in.isReady()) {
                    body.write(buffer, 0, Math.max(0, in.read(buffer)));
                    if (body.size() == BODY.length) {
                      responded = true;
                      respond(response, body.toByteArray());
                      async.complete();
                    }
                  }
                }

                @Override
                public void onAllDataRead() {}

                @Override
                public void onError(Throwable cause) {
                  async.complete();
                }
              });
        },
        post(BODY));
    assertCopied(BODY);
  }
}
