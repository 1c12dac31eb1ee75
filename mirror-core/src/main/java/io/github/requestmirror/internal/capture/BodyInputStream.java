package io.github.requestmirror.internal.capture;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/** Reads a captured body from its start. Used by one thread. */
final class BodyInputStream extends InputStream {
  private final Body body;
  private long left;
  private int nextChunk;
  private ByteBuffer chunk = ByteBuffer.allocate(0);

  BodyInputStream(Body body) {
    this.body = body;
    this.left = body.size();
  }

  /** Returns whether there are bytes left in the current chunk; proceeds to the next one. */
  private boolean hasBytes() {
    while (!chunk.hasRemaining() && nextChunk < body.chunkCount()) {
      chunk = body.chunk(nextChunk++);
    }
    return chunk.hasRemaining();
  }

  @Override
  public int read() {
    if (!hasBytes()) {
      return -1;
    }
    left--;
    return chunk.get() & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (length == 0) {
      return 0;
    }
    if (!hasBytes()) {
      return -1;
    }
    int count = Math.min(length, chunk.remaining());
    chunk.get(bytes, offset, count);
    left -= count;
    return count;
  }

  /** There is nothing to read any more: the memory may be used for another body. */
  @Override
  public void close() {
    nextChunk = Integer.MAX_VALUE;
    chunk = ByteBuffer.allocate(0);
    left = 0;
  }

  /** Returns the number of all bytes that are left. */
  @Override
  public int available() {
    return (int) Math.min(left, Integer.MAX_VALUE);
  }
}
