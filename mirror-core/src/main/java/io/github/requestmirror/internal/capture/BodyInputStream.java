package io.github.requestmirror.internal.capture;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/** Reads a captured body from its start. Used by one thread. */
final class BodyInputStream extends InputStream {
  private final Body body;
  private int nextChunk;
  private ByteBuffer chunk = ByteBuffer.allocate(0);

  BodyInputStream(Body body) {
    this.body = body;
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
    return hasBytes() ? chunk.get() & 0xff : -1;
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
    return count;
  }

  @Override
  public int available() {
    return hasBytes() ? chunk.remaining() : 0;
  }
}
