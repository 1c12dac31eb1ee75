package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.servlet.MirrorFilter;
import io.github.requestmirror.servlet.contract.Container.Mapped;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bodies read into a {@code ByteBuffer}, which streams can do since Servlet 6.1. */
abstract class ByteBufferContract extends ServletContract {
  private static final byte[] BODY = bytes(50_000);

  ByteBufferContract(Container container) {
    super(container);
  }

  @BeforeEach
  void onlySince61() {
    assumeTrue(isServlet61(), "Servlet 6.1");
  }

  /** Reads with a listener, and responds after the last byte. */
  private static final class Listener implements ReadListener {
    private final AsyncContext async;
    private final ServletInputStream in;
    private final HttpServletResponse response;
    private final ByteBuffer buffer;
    private final int limit;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private boolean responded;

    Listener(HttpServletRequest request, HttpServletResponse response, ByteBuffer buffer, int limit)
        throws IOException {
      this.async = request.startAsync();
      this.in = request.getInputStream();
      this.response = response;
      this.buffer = buffer;
      this.limit = limit;
    }

    @Override
    public void onDataAvailable() throws IOException {
      while (!responded && in.isReady() && !in.isFinished()) {
        // A position other than 0, because the buffer may contain data.
        buffer.clear().position(3);
        int count = in.read(buffer);
        if (count < 0) {
          return;
        }
        for (int i = 0; i < count; i++) {
          body.write(buffer.get(3 + i));
        }
        if (body.size() >= limit) {
          end();
        }
      }
    }

    @Override
    public void onAllDataRead() throws IOException {
      if (!responded) {
        end();
      }
    }

    private void end() throws IOException {
      responded = true;
      respond(response, body.toByteArray());
      async.complete();
    }

    @Override
    public void onError(Throwable cause) {
      async.complete();
    }
  }

  private static App reading(ByteBuffer buffer, int limit) {
    return (request, response) -> {
      Listener listener = new Listener(request, response, buffer, limit);
      listener.in.setReadListener(listener);
    };
  }

  @ParameterizedTest
  @CsvSource({"1, false", "1000, false", "100000, false", "1000, true"})
  void bodyIsCopied(int size, boolean direct) throws Exception {
    ByteBuffer buffer =
        direct ? ByteBuffer.allocateDirect(size + 3) : ByteBuffer.allocate(size + 3);
    View view = check(reading(buffer, Integer.MAX_VALUE), post(BODY));
    assertThat(view.response()).contains("200", "50000 bytes");
    assertCopied(BODY);
  }

  @ParameterizedTest
  @CsvSource({"1, false", "1000, false", "100000, false", "1000, true"})
  void chunkedBodyIsCopied(int size, boolean direct) throws Exception {
    ByteBuffer buffer =
        direct ? ByteBuffer.allocateDirect(size + 3) : ByteBuffer.allocate(size + 3);
    View view = check(reading(buffer, Integer.MAX_VALUE), chunked(BODY, 777));
    assertThat(view.response()).contains("200", "50000 bytes");
    assertCopied(BODY);
  }

  @Test
  void emptyBodyIsCopied() throws Exception {
    check(reading(ByteBuffer.allocate(100), Integer.MAX_VALUE), post(EMPTY));
    assertCopied(EMPTY);
  }

  @Test
  void declaredBytesAreTheBody() throws Exception {
    check(reading(ByteBuffer.allocate(1000), BODY.length), post(BODY));
    assertCopied(BODY);
  }

  @Test
  void bodyReadInPartIsNotCopied() throws Exception {
    check(reading(ByteBuffer.allocate(503), 500), post(BODY));
    assertNotCopied(Outcome.BODY_INCOMPLETE);
  }

  /** Some containers reject blocking reads into a buffer, with the filter too. */
  @Test
  void blockingReadsAreTheSame() throws Exception {
    View view =
        check(
            (request, response) -> {
              ServletInputStream in = request.getInputStream();
              ByteArrayOutputStream body = new ByteArrayOutputStream();
              ByteBuffer buffer = ByteBuffer.allocate(1000);
              StringBuilder seen = new StringBuilder();
              try {
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer.clear())) {
                  seen.append(buffer.position()).append(buffer.limit() - read).append(' ');
                  body.write(buffer.array(), 0, read);
                }
              } catch (IllegalStateException e) {
                seen.append("refused");
              }
              respond(response, body.size() + " " + seen);
            },
            post(BODY));
    if (view.response().contains("refused")) {
      assertNotCopied(Outcome.BODY_INCOMPLETE);
    } else {
      assertCopied(BODY);
    }
  }

  /** Counts reads into arrays and into buffers. */
  private static final class CountingStream extends ServletInputStream {
    private final ServletInputStream in;
    private final AtomicInteger arrays;
    private final AtomicInteger buffers;

    CountingStream(ServletInputStream in, AtomicInteger arrays, AtomicInteger buffers) {
      this.in = in;
      this.arrays = arrays;
      this.buffers = buffers;
    }

    @Override
    public int read() throws IOException {
      arrays.incrementAndGet();
      return in.read();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      arrays.incrementAndGet();
      return in.read(bytes, offset, length);
    }

    @Override
    public int read(ByteBuffer buffer) throws IOException {
      buffers.incrementAndGet();
      return in.read(buffer);
    }

    @Override
    public boolean isFinished() {
      return in.isFinished();
    }

    @Override
    public boolean isReady() {
      return in.isReady();
    }

    @Override
    public void setReadListener(ReadListener listener) {
      in.setReadListener(listener);
    }
  }

  /** Fails if the filter reads into an array when the application reads into a buffer. */
  @Test
  void containersOwnMethodIsCalled() throws Exception {
    AtomicInteger arrays = new AtomicInteger();
    AtomicInteger buffers = new AtomicInteger();
    Mapped counting =
        Mapped.named(
            "counting",
            (request, response, chain) ->
                chain.doFilter(
                    new HttpServletRequestWrapper((HttpServletRequest) request) {
                      @Override
                      public ServletInputStream getInputStream() throws IOException {
                        return new CountingStream(super.getInputStream(), arrays, buffers);
                      }
                    },
                    response));
    application(reading(ByteBuffer.allocate(1000), Integer.MAX_VALUE));
    try (Container.Running own =
        container.start(servlet(), counting, Mapped.of(new MirrorFilter(mirror())))) {
      assertThat(view(own.port(), post(BODY)).response()).contains("50000 bytes");
    }
    assertThat(buffers.get()).as("reads into a buffer").isPositive();
    assertThat(arrays.get()).as("other reads").isZero();
  }
}
