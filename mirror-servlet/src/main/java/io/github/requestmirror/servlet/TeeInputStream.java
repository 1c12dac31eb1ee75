package io.github.requestmirror.servlet;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Delegates every call to the original stream and copies the bytes that are read, each byte once:
 * bytes that an application reads again after {@link #reset()} are not copied again. Never reads by
 * itself and never calls {@code isReady()} by itself, which changes the state of some containers'
 * streams.
 */
final class TeeInputStream extends ServletInputStream {
  private final ServletInputStream in;
  private final MirroredBody body;
  private final boolean ofContainer;
  private final byte[] single = new byte[1];

  private long position;

  /** The furthest position reached. */
  private long end;

  /** Initially the beginning of the stream, as in {@code ByteArrayInputStream}. */
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

  /** Tells whether {@code isFinished()} and the declared length apply to these bytes. */
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
      copy(single, 0, 1);
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
      copy(bytes, offset, read);
    }
    return read;
  }

  /** Since Servlet 6.1. Delegates, because the inherited method would read into an array. */
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
      int copied = advance(read);
      if (copied < read) {
        body.read(this, buffer.duplicate().limit(start + read).position(start + copied));
        checkEnd();
      }
    }
    return read;
  }

  private void copy(byte[] bytes, int offset, int length) {
    int copied = advance(length);
    if (copied < length) {
      body.read(this, bytes, offset + copied, length - copied);
      checkEnd();
    }
  }

  /** Returns how many of the bytes that were just read have been copied before. */
  private int advance(int length) {
    int copied = (int) Math.min(length, end - position);
    position += length;
    end = Math.max(end, position);
    return copied;
  }

  private void checkEnd() {
    if (body.needsEnd(this) && in.isFinished()) {
      ended();
    }
  }

  private void ended() {
    if (position == end) {
      body.ended(this);
    } else {
      // The stream ended before a position that it reached earlier, so reset() did not go back to
      // the mark.
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

  /** Completes the copy of a body that is read without blocking. */
  private record TeeReadListener(ReadListener listener, TeeInputStream tee)
      implements ReadListener {
    @Override
    public void onDataAvailable() throws IOException {
      tee.body.listenerCalled();
      try {
        listener.onDataAvailable();
      } finally {
        tee.body.listenerReturned();
      }
    }

    @Override
    public void onAllDataRead() throws IOException {
      // First, because the application may end the request.
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
