package io.github.requestmirror.okhttp;

import io.github.requestmirror.Capture;
import java.io.IOException;
import okio.Buffer;
import okio.BufferedSink;
import okio.Sink;
import okio.Timeout;

/**
 * Passes on what a body writes and copies it. The body writes into a buffer of its own; whenever
 * that gives something away, the primary's sink gives away the same bytes, no more and no fewer, so
 * that chunks and frames come out as they would without.
 */
final class TeeSink implements Sink {
  private final BufferedSink sink;
  private final Capture capture;
  private boolean failed;

  TeeSink(BufferedSink sink, Capture capture) {
    this.sink = sink;
    this.capture = capture;
  }

  /** Whether the primary's sink threw, even if the body made light of it. */
  boolean hasFailed() {
    return failed;
  }

  @Override
  public void write(Buffer source, long byteCount) throws IOException {
    copy(source, byteCount);
    sink.getBuffer().write(source, byteCount);
    passOn(sink::emit);
  }

  /** Leaves the rest to the primary's sink, which keeps it until OkHttp flushes or closes it. */
  void takeOver(Buffer rest) {
    copy(rest, rest.size());
    sink.getBuffer().write(rest, rest.size());
  }

  /** Reads the segments where they are, so that none becomes shared and thereby read-only. */
  private void copy(Buffer source, long byteCount) {
    if (!capture.active()) {
      return;
    }
    try (Buffer.UnsafeCursor cursor = source.readUnsafe()) {
      for (long left = byteCount; left > 0 && cursor.next() > 0; ) {
        int length = (int) Math.min(left, cursor.end - cursor.start);
        capture.write(cursor.data, cursor.start, length);
        left -= length;
      }
    }
  }

  @Override
  public void flush() throws IOException {
    passOn(sink::flush);
  }

  @Override
  public void close() throws IOException {
    passOn(sink::close);
  }

  private interface Step {
    void run() throws IOException;
  }

  private void passOn(Step step) throws IOException {
    boolean done = false;
    try {
      step.run();
      done = true;
    } finally {
      failed |= !done;
    }
  }

  @Override
  public Timeout timeout() {
    return sink.timeout();
  }
}
