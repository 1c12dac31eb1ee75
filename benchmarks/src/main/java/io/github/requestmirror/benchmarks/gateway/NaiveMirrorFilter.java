package io.github.requestmirror.benchmarks.gateway;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/**
 * What a user writes in ten minutes: it reads the whole body, sends it with the JDK's client, and
 * passes the bytes on. It has no limit and no time-out.
 */
final class NaiveMirrorFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;

  private final transient HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final transient URI secondary;

  NaiveMirrorFilter(URI secondary) {
    this.secondary = secondary;
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    byte[] body = request.getInputStream().readAllBytes();
    HttpRequest copy =
        HttpRequest.newBuilder(secondary.resolve(request.getRequestURI()))
            .method(request.getMethod(), HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    client.sendAsync(copy, HttpResponse.BodyHandlers.discarding());
    chain.doFilter(new ReadRequest(request, body), response);
  }

  /** A request whose body has been read. */
  private static final class ReadRequest extends HttpServletRequestWrapper {
    private final ServletInputStream input;

    ReadRequest(HttpServletRequest request, byte[] body) {
      super(request);
      this.input = new ReadBody(body);
    }

    @Override
    public ServletInputStream getInputStream() {
      return input;
    }
  }

  private static final class ReadBody extends ServletInputStream {
    private final ByteArrayInputStream bytes;
    private ReadListener listener;

    ReadBody(byte[] body) {
      this.bytes = new ByteArrayInputStream(body);
    }

    @Override
    public int read() {
      return bytes.read();
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      return bytes.read(into, offset, length);
    }

    @Override
    public boolean isFinished() {
      return bytes.available() == 0;
    }

    /** The proxy asks again after each piece that it has written, so this is where it ends. */
    @Override
    public boolean isReady() {
      ReadListener waiting = listener;
      if (waiting == null || !isFinished()) {
        return true;
      }
      listener = null;
      try {
        waiting.onAllDataRead();
      } catch (IOException e) {
        waiting.onError(e);
      }
      return false;
    }

    @Override
    public void setReadListener(ReadListener listener) {
      this.listener = listener;
      try {
        listener.onDataAvailable();
      } catch (IOException e) {
        listener.onError(e);
      }
    }
  }
}
