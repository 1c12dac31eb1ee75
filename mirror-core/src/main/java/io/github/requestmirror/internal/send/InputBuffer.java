package io.github.requestmirror.internal.send;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import org.apache.hc.core5.http.nio.SessionInputBuffer;
import org.apache.hc.core5.util.CharArrayBuffer;

/**
 * The received bytes that HttpCore's parser and decoders have not consumed yet. Grows for long
 * lines, up to {@link ResponseReader#OVERHEAD_BYTES}. Characters are ISO-8859-1. Confined to the
 * sender's thread.
 */
final class InputBuffer implements SessionInputBuffer {
  private static final int INITIAL_BYTES = 4 << 10;
  private static final int LIMIT_BYTES = ResponseReader.OVERHEAD_BYTES + INITIAL_BYTES;

  /** Between calls, position and limit enclose the bytes that are not consumed. */
  private ByteBuffer bytes = ByteBuffer.allocate(INITIAL_BYTES).limit(0);

  /** The number of bytes from the position in which there is no line feed. */
  private int searched;

  @Override
  public boolean hasData() {
    return bytes.hasRemaining();
  }

  @Override
  public int length() {
    return bytes.remaining();
  }

  /** Discards all bytes and releases the memory that a long line has taken. */
  void clear() {
    if (bytes.capacity() > INITIAL_BYTES) {
      bytes = ByteBuffer.allocate(INITIAL_BYTES);
    }
    bytes.clear().limit(0);
    searched = 0;
  }

  /** Reads nothing if the buffer is full and has a line that can be consumed first. */
  @Override
  public int fill(ReadableByteChannel channel) throws IOException {
    if (bytes.remaining() == bytes.capacity()) {
      if (endOfLine() < bytes.limit()) {
        return 0;
      }
      grow();
    }
    bytes.compact();
    try {
      return channel.read(bytes);
    } finally {
      bytes.flip();
    }
  }

  private void grow() throws IOException {
    if (bytes.capacity() >= LIMIT_BYTES) {
      throw new IOException("a line of the response is longer than " + LIMIT_BYTES + " bytes");
    }
    ByteBuffer larger = ByteBuffer.allocate(Math.min(4 * bytes.capacity(), LIMIT_BYTES));
    bytes = larger.put(bytes).flip();
  }

  @Override
  public int read() {
    searched = 0;
    return bytes.get() & 0xff;
  }

  @Override
  public int read(ByteBuffer into, int atMost) {
    if (atMost < 0) {
      throw new IllegalArgumentException("the target sent a negative length: " + atMost);
    }
    searched = 0;
    int count = Math.min(Math.min(atMost, into.remaining()), bytes.remaining());
    into.put(into.position(), bytes, bytes.position(), count);
    into.position(into.position() + count);
    bytes.position(bytes.position() + count);
    return count;
  }

  @Override
  public int read(ByteBuffer into) {
    return read(into, Integer.MAX_VALUE);
  }

  @Override
  public int read(WritableByteChannel into, int atMost) {
    throw new UnsupportedOperationException("bodies are discarded, not transferred");
  }

  @Override
  public int read(WritableByteChannel into) {
    throw new UnsupportedOperationException("bodies are discarded, not transferred");
  }

  /** Appends the next line without its end; returns false if it is not complete. */
  @Override
  public boolean readLine(CharArrayBuffer into, boolean endOfStream) {
    int start = bytes.position();
    int end = endOfLine();
    if (end == bytes.limit() && !(endOfStream && bytes.hasRemaining())) {
      return false;
    }
    searched = 0;
    bytes.position(Math.min(end + 1, bytes.limit()));
    boolean carriageReturn = end > start && bytes.get(end - 1) == '\r';
    into.append(bytes.array(), start, (carriageReturn ? end - 1 : end) - start);
    return true;
  }

  /** Returns the index of the next line feed, or the limit. */
  private int endOfLine() {
    int end = bytes.position() + searched;
    while (end < bytes.limit() && bytes.get(end) != '\n') {
      end++;
    }
    searched = end - bytes.position();
    return end;
  }
}
