package io.github.requestmirror.servlet;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Passes every call to the container's stream and copies what comes back. Reads nothing by itself
 * and never asks {@code isReady()}, which changes the state of some containers' streams.
 */
final class TeeInputStream extends ServletInputStream {
  private final ServletInputStream in;
  private final MirroringBody body;
  private final byte[] single = new byte[1];

  TeeInputStream(ServletInputStream in, MirroringBody body) {
    this.in = in;
    this.body = body;
  }

  @Override
  public int read() throws IOException {
    int read;
    try {
      read = in.read();
    } catch (Throwable t) {
      body.failed();
      throw t;
    }
    if (read < 0) {
      body.ended();
    } else {
      single[0] = (byte) read;
      copied(single, 0, 1);
    }
    return read;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int read;
    try {
      read = in.read(bytes, offset, length);
    } catch (Throwable t) {
      body.failed();
      throw t;
    }
    if (read < 0) {
      body.ended();
    } else if (read > 0) {
      copied(bytes, offset, read);
    }
    return read;
  }

  /** Since Servlet 6.1: the container's own way, where the inherited one would go by an array. */
  @Override
  public int read(ByteBuffer buffer) throws IOException {
    int start = buffer.position();
    int read;
    try {
      read = in.read(buffer);
    } catch (Throwable t) {
      body.failed();
      throw t;
    }
    if (read < 0) {
      body.ended();
    } else if (read > 0) {
      body.read(buffer.duplicate().limit(start + read).position(start));
      askForTheEnd();
    }
    return read;
  }

  private void copied(byte[] bytes, int offset, int length) {
    body.read(bytes, offset, length);
    askForTheEnd();
  }

  private void askForTheEnd() {
    if (body.needsEnd() && in.isFinished()) {
      body.ended();
    }
  }

  @Override
  public int available() throws IOException {
    return in.available();
  }

  @Override
  public void close() throws IOException {
    in.close();
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
    Objects.requireNonNull(listener, "listener");
    in.setReadListener(new TeeReadListener(listener, body));
  }

  /** Sees the end of a body that is read without blocking before the application does. */
  private record TeeReadListener(ReadListener listener, MirroringBody body)
      implements ReadListener {
    @Override
    public void onDataAvailable() throws IOException {
      listener.onDataAvailable();
    }

    @Override
    public void onAllDataRead() throws IOException {
      body.ended();
      listener.onAllDataRead();
    }

    @Override
    public void onError(Throwable cause) {
      body.failed();
      listener.onError(cause);
    }
  }
}
