package io.github.requestmirror.okhttp;

import io.github.requestmirror.Capture;
import java.io.IOException;
import okio.Buffer;
import okio.BufferedSink;
import okio.Sink;
import okio.Timeout;

/**
 * Forwards what a body writes to the primary's sink and copies it. The body writes into a separate
 * buffer. Whenever that buffer emits bytes, the primary's sink emits the same bytes, so that chunks
 * and frames have the same sizes as without the mirror.
 */
final class TeeSink implements Sink {
  private final BufferedSink sink;
  private final Capture capture;
  private boolean failed;

  TeeSink(BufferedSink sink, Capture capture) {
    this.sink = sink;
    this.capture = capture;
  }

  /** Returns whether the primary's sink threw, even if the body swallowed the exception. */
  boolean hasFailed() {
    return failed;
  }

  @Override
  public void write(Buffer source, long byteCount) throws IOException {
    copy(source, byteCount);
    sink.getBuffer().write(source, byteCount);
    track(sink::emit);
  }

  /** Moves the rest to the primary's sink, which keeps it until OkHttp flushes or closes it. */
  void transferRest(Buffer rest) {
    copy(rest, rest.size());
    sink.getBuffer().write(rest, rest.size());
  }

  /** Reads the segments in place: sharing a segment would make it read-only. */
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
    track(sink::flush);
  }

  @Override
  public void close() throws IOException {
    track(sink::close);
  }

  private interface Step {
    void run() throws IOException;
  }

  private void track(Step step) throws IOException {
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
