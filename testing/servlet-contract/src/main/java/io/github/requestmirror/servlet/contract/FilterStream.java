package io.github.requestmirror.servlet.contract;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Executor;

/**
 * The stream of a filter in front of the mirror, with the filter's own bytes. Supports listeners,
 * and marks if the underlying stream does.
 */
class FilterStream extends ServletInputStream {
  private final InputStream in;
  private final Executor listeners;
  private boolean finished;

  /**
   * @param listeners calls {@code ReadListener}s
   */
  FilterStream(InputStream in, Executor listeners) {
    this.in = in;
    this.listeners = listeners;
  }

  @Override
  public int read() throws IOException {
    int read = in.read();
    finished = read < 0;
    return read;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int read = in.read(bytes, offset, length);
    finished = read < 0;
    return read;
  }

  @Override
  public boolean markSupported() {
    return in.markSupported();
  }

  @Override
  public void mark(int limit) {
    in.mark(limit);
  }

  @Override
  public void reset() throws IOException {
    in.reset();
    finished = false;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  @Override
  public boolean isFinished() {
    return finished;
  }

  @Override
  public boolean isReady() {
    return true;
  }

  @Override
  public void setReadListener(ReadListener listener) {
    listeners.execute(
        () -> {
          try {
            listener.onDataAvailable();
            if (isFinished()) {
              listener.onAllDataRead();
            }
          } catch (IOException e) {
            listener.onError(e);
          }
        });
  }
}
