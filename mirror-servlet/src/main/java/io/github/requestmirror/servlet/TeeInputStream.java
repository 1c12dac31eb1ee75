package io.github.requestmirror.servlet;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Passes every call to the stream in front and copies what comes back, each byte once: what an
 * application reads again after {@link #reset()} was copied before. Reads nothing by itself and
 * never asks {@code isReady()}, which changes the state of some containers' streams.
 */
final class TeeInputStream extends ServletInputStream {
  private final ServletInputStream in;
  private final MirroredBody body;
  private final boolean ofContainer;
  private final byte[] single = new byte[1];

  private long position;

  /** The furthest position so far. */
  private long end;

  /** The beginning until there is a mark, as in {@code ByteArrayInputStream}. */
  private long mark;

  /**
   * @param ofContainer whether no filter supplies the stream
   */
  TeeInputStream(ServletInputStream in, MirroredBody body, boolean ofContainer) {
    this.in = in;
    this.body = body;
    this.ofContainer = ofContainer;
  }

  boolean isOver(ServletInputStream in) {
    return this.in == in;
  }

  /** Tells whether {@code isFinished()} and the declared length are true of these bytes. */
  boolean isOfContainer() {
    return ofContainer;
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
      ended();
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
      ended();
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
      ended();
    } else if (read > 0) {
      int known = advance(read);
      if (known < read) {
        body.read(this, buffer.duplicate().limit(start + read).position(start + known));
        askForTheEnd();
      }
    }
    return read;
  }

  private void copied(byte[] bytes, int offset, int length) {
    int known = advance(length);
    if (known < length) {
      body.read(this, bytes, offset + known, length - known);
      askForTheEnd();
    }
  }

  /** Returns how many of the bytes that were just read have been copied before. */
  private int advance(int length) {
    int known = (int) Math.min(length, end - position);
    position += length;
    end = Math.max(end, position);
    return known;
  }

  private void askForTheEnd() {
    if (body.needsEnd(this) && in.isFinished()) {
      ended();
    }
  }

  private void ended() {
    if (position == end) {
      body.ended(this);
    } else {
      // A stream that has been further. It doesn't begin again where it says.
      body.failed();
    }
  }

  @Override
  public boolean markSupported() {
    return in.markSupported();
  }

  @Override
  public void mark(int limit) {
    in.mark(limit);
    mark = position;
  }

  @Override
  public void reset() throws IOException {
    in.reset();
    position = mark;
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
    in.setReadListener(new TeeReadListener(listener, this));
  }

  /** Sees the end of a body that is read without blocking before the application does. */
  private record TeeReadListener(ReadListener listener, TeeInputStream tee)
      implements ReadListener {
    @Override
    public void onDataAvailable() throws IOException {
      listener.onDataAvailable();
    }

    @Override
    public void onAllDataRead() throws IOException {
      tee.ended();
      listener.onAllDataRead();
    }

    @Override
    public void onError(Throwable cause) {
      tee.body.failed();
      listener.onError(cause);
    }
  }
}
