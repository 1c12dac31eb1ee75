package io.github.requestmirror.internal.send;

import java.nio.ByteBuffer;
import java.util.function.IntSupplier;

/** The bytes of a target, received in pieces. */
final class CutTransport implements Transport {
  /** What follows the last byte. */
  enum End {
    CLOSE,
    STALL
  }

  private final byte[] bytes;
  private final IntSupplier cuts;
  private final End end;
  private int position;
  private int reads;

  /**
   * @param cuts the size of the next piece, or 0 if no byte has been received yet
   */
  CutTransport(byte[] bytes, IntSupplier cuts, End end) {
    this.bytes = bytes;
    this.cuts = cuts;
    this.end = end;
  }

  /** Returns whether all bytes have been read. */
  boolean isExhausted() {
    return position == bytes.length;
  }

  /** Returns the number of calls of {@link #read}. */
  int reads() {
    return reads;
  }

  @Override
  public int read(ByteBuffer into) {
    reads++;
    int piece = cuts.getAsInt();
    if (piece == 0 || !into.hasRemaining()) {
      return 0;
    }
    int count = Math.min(Math.min(piece, into.remaining()), bytes.length - position);
    if (count == 0) {
      return end == End.CLOSE ? -1 : 0;
    }
    into.put(bytes, position, count);
    position += count;
    return count;
  }

  @Override
  public long received() {
    return position;
  }

  @Override
  public boolean handshake() {
    return true;
  }

  @Override
  public boolean isTaskRunning() {
    return false;
  }

  @Override
  public void taskEnded() {}

  @Override
  public boolean write(ByteBuffer output) {
    throw new AssertionError("a reader does not write");
  }

  @Override
  public boolean hasPendingOutput() {
    return false;
  }

  @Override
  public void close() {}
}
