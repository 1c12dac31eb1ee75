package io.github.requestmirror.servlet.contract;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Requests as wrapped by filters that read bodies, for example to audit them or check signatures.
 */
final class BufferedBody {
  private static final byte[] REPLACEMENT = "replaced".getBytes(UTF_8);

  private BufferedBody() {}

  /** The streams and readers of a wrapped request. */
  enum Kind {
    /** No filter. */
    NONE,
    /** A new stream and a new reader for each call, from the beginning. */
    FRESH,
    /** One stream, and one reader over it. */
    ONE,
    /** A new stream for each call, over the container's. */
    PASSING,
    /** The container's stream, and its reader with changed text. */
    SANITIZING,
    /** A stream over other bytes, of another length, and the container's reader. */
    REPLACED,
    /** One stream whose {@code isFinished()} is true too early. */
    EARLY,
    /** One stream with the bytes twice, and the original Content-Length. */
    DOUBLED;

    /** Returns what the application reads from a stream. */
    byte[] body(byte[] sent) {
      return this == REPLACED ? REPLACEMENT : sent;
    }

    HttpServletRequest wrap(HttpServletRequest request, Executor listeners) throws IOException {
      return switch (this) {
        case NONE -> request;
        case FRESH -> new Fresh(request, listeners);
        case ONE -> new One(request, new FilterStream(request.getInputStream(), listeners));
        case PASSING -> new Passing(request, listeners);
        case SANITIZING -> new Sanitizing(request);
        case REPLACED -> new Replaced(request, listeners);
        case EARLY -> new One(request, new Early(request.getInputStream(), listeners));
        case DOUBLED ->
            new One(request, new FilterStream(new ByteArrayInputStream(twice(request)), listeners));
      };
    }
  }

  private static byte[] twice(HttpServletRequest request) throws IOException {
    byte[] body = request.getInputStream().readAllBytes();
    ByteArrayOutputStream twice = new ByteArrayOutputStream();
    twice.writeBytes(body);
    twice.writeBytes(body);
    return twice.toByteArray();
  }

  private static InputStreamReader decoded(HttpServletRequest request, InputStream in)
      throws IOException {
    String charset = request.getCharacterEncoding();
    return new InputStreamReader(in, charset == null ? UTF_8.name() : charset);
  }

  private static final class Fresh extends HttpServletRequestWrapper {
    private final byte[] body;
    private final Executor listeners;

    Fresh(HttpServletRequest request, Executor listeners) throws IOException {
      super(request);
      this.body = request.getInputStream().readAllBytes();
      this.listeners = listeners;
    }

    @Override
    public ServletInputStream getInputStream() {
      return new FilterStream(new ByteArrayInputStream(body), listeners);
    }

    @Override
    public BufferedReader getReader() throws IOException {
      return new BufferedReader(decoded(this, getInputStream()));
    }
  }

  private static final class One extends HttpServletRequestWrapper {
    private final ServletInputStream stream;
    private @Nullable BufferedReader reader;

    One(HttpServletRequest request, ServletInputStream stream) {
      super(request);
      this.stream = stream;
    }

    @Override
    public ServletInputStream getInputStream() {
      return stream;
    }

    @Override
    public BufferedReader getReader() throws IOException {
      BufferedReader present = reader;
      if (present == null) {
        present = new BufferedReader(decoded(this, stream));
        reader = present;
      }
      return present;
    }
  }

  private static final class Passing extends HttpServletRequestWrapper {
    private final Executor listeners;

    Passing(HttpServletRequest request, Executor listeners) {
      super(request);
      this.listeners = listeners;
    }

    @Override
    public ServletInputStream getInputStream() throws IOException {
      return new FilterStream(
          new FilterInputStream(super.getInputStream()) {
            @Override
            public void close() {}
          },
          listeners);
    }
  }

  private static final class Replaced extends HttpServletRequestWrapper {
    private final ServletInputStream stream;

    Replaced(HttpServletRequest request, Executor listeners) {
      super(request);
      this.stream = new FilterStream(new ByteArrayInputStream(REPLACEMENT), listeners);
    }

    @Override
    public ServletInputStream getInputStream() {
      return stream;
    }
  }

  private static final class Sanitizing extends HttpServletRequestWrapper {
    Sanitizing(HttpServletRequest request) {
      super(request);
    }

    @Override
    public BufferedReader getReader() throws IOException {
      StringBuilder text = new StringBuilder();
      BufferedReader reader = super.getReader();
      for (int read = reader.read(); read >= 0; read = reader.read()) {
        text.append(read == '<' ? "&lt;" : (char) read);
      }
      return new BufferedReader(new StringReader(text.toString()));
    }
  }

  private static final class Early extends FilterStream {
    Early(InputStream in, Executor listeners) {
      super(in, listeners);
    }

    @Override
    public boolean isFinished() {
      return true;
    }
  }
}
