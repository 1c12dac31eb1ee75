package io.github.requestmirror.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Headers;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.RequestHead;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When a body that is read with a {@code ReadListener} is complete, and when it is sent. */
class MirroredBodyTest {
  private static final int LENGTH = 5;

  /** Nothing listens there, so that every copy ends soon. */
  private static final MirrorTarget TARGET = MirrorTarget.of(URI.create("http://127.0.0.1:1"));

  private Mirror mirror;
  private Capture capture;
  private MirroredBody body;
  private final Stream container = new Stream();

  @BeforeEach
  void open() throws IOException {
    mirror = Mirror.start(TARGET, MirrorPolicy.builder().build());
    Headers headers = Headers.builder(1).add("Content-Length", Integer.toString(LENGTH)).build();
    RequestHead head = RequestHead.of("POST", "/push", null, headers);
    capture = mirror.capture(head);
    body = new MirroredBody(request(), capture);
  }

  @AfterEach
  void everyRequestHasOneOutcome() {
    capture.abandon(Outcome.BODY_INCOMPLETE);
    capture.primaryResponded(204);
    mirror.close();
    assertThat(mirror.stats().targets().get(0).pending()).isZero();
    assertThat(mirror.stats().targets().get(0).bufferedBytes()).isZero();
  }

  /** Otherwise the limits of a body that is not complete would apply to a slow listener. */
  @Test
  void isCompleteBeforeTheListenerReturns() throws IOException {
    boolean[] activeInListener = {true};
    listen(
        in -> {
          assertThat(in.read(new byte[LENGTH])).isEqualTo(LENGTH);
          activeInListener[0] = capture.active();
        });
    container.listener().onDataAvailable();
    assertThat(activeInListener[0]).as("still captured in the listener").isFalse();
    assertThat(count(Outcome.BODY_INCOMPLETE)).isZero();
  }

  /** A thread that is not woken sleeps for a second. */
  @Test
  void wakesTheTargetWhenTheListenerReturns() throws IOException {
    long fastest = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      everyRequestHasOneOutcome();
      container.left = LENGTH;
      open();
      listen(in -> assertThat(in.read(new byte[LENGTH])).isEqualTo(LENGTH));
      container.listener().onDataAvailable();
      long start = System.nanoTime();
      while (mirror.stats().targets().get(0).pending() > 0) {
        Thread.onSpinWait();
      }
      fastest = Math.min(fastest, System.nanoTime() - start);
    }
    assertThat(Duration.ofNanos(fastest)).isLessThan(Duration.ofMillis(500));
  }

  @Test
  void isCompleteAlthoughTheListenerThrows() throws IOException {
    listen(
        in -> {
          assertThat(in.read(new byte[LENGTH])).isEqualTo(LENGTH);
          throw new IOException("of the application");
        });
    assertThatThrownBy(() -> container.listener().onDataAvailable())
        .hasMessage("of the application");
    capture.abandon(Outcome.BODY_INCOMPLETE);
    assertThat(count(Outcome.BODY_INCOMPLETE)).isZero();
  }

  /** The bytes were complete before. */
  @Test
  void isCompleteAlthoughALaterReadFails() throws IOException {
    listen(
        in -> {
          assertThat(in.read(new byte[LENGTH])).isEqualTo(LENGTH);
          container.failure = new IOException("of the container");
          assertThatThrownBy(() -> in.read()).hasMessage("of the container");
        });
    container.listener().onDataAvailable();
    assertThat(capture.active()).isFalse();
    assertThat(count(Outcome.BODY_INCOMPLETE)).isZero();
  }

  /** The application hands the stream to another thread and returns at once. */
  @Test
  void isCompleteAtOnceOutsideTheListener() throws IOException {
    ServletInputStream[] stream = new ServletInputStream[1];
    listen(in -> stream[0] = in);
    container.listener().onDataAvailable();
    assertThat(capture.active()).isTrue();
    assertThat(stream[0].read(new byte[LENGTH])).isEqualTo(LENGTH);
    assertThat(capture.active()).isFalse();
  }

  private long count(Outcome outcome) {
    return mirror.stats().targets().get(0).count(outcome);
  }

  private interface Reading {
    void read(ServletInputStream in) throws IOException;
  }

  private void listen(Reading reading) throws IOException {
    ServletInputStream in = body.inputStream(request());
    in.setReadListener(
        new ReadListener() {
          @Override
          public void onDataAvailable() throws IOException {
            reading.read(in);
          }

          @Override
          public void onAllDataRead() {}

          @Override
          public void onError(Throwable cause) {}
        });
  }

  /** A POST request with a Content-Length. */
  private HttpServletRequest request() {
    return (HttpServletRequest)
        Proxy.newProxyInstance(
            HttpServletRequest.class.getClassLoader(),
            new Class<?>[] {HttpServletRequest.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "getContentLengthLong" -> (long) LENGTH;
                  case "getMethod" -> "POST";
                  case "getInputStream" -> container;
                  case "getHeader", "getQueryString" -> null;
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  /** The container's stream. It calls no listener by itself. */
  private static final class Stream extends ServletInputStream {
    private @Nullable ReadListener listener;
    private @Nullable IOException failure;
    private int left = LENGTH;

    ReadListener listener() {
      return Objects.requireNonNull(listener);
    }

    @Override
    public int read() throws IOException {
      if (failure != null) {
        throw failure;
      }
      return left-- > 0 ? 'x' : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int count = 0;
      while (count < length && left > 0) {
        bytes[offset + count++] = (byte) read();
      }
      return count == 0 && length > 0 ? -1 : count;
    }

    @Override
    public boolean isFinished() {
      return left <= 0;
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setReadListener(ReadListener listener) {
      this.listener = listener;
    }
  }
}
