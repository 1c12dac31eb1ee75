package io.github.requestmirror.internal.remotewrite;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the block format of snappy, in which a body is one block: its decoded length, and then
 * literals and copies of earlier output. Accepts what is valid to the last byte and nothing else.
 * The memory is bounded by the maximum length, the time by the decoded length: every element adds
 * at least a byte.
 */
final class SnappyBlock {
  static final int BUFFER_BYTES = 8 << 10;

  /** The longest element without the bytes of its literal. */
  private static final int MAX_ELEMENT = 5;

  /** An element of three bytes copies up to 64 bytes, and no element gives more for its bytes. */
  private static final int MAX_EXPANSION = 22;

  /** Literals up to here have their length in the tag. */
  private static final int SHORT_LITERAL = 60;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final byte[] EMPTY = new byte[0];

  private final InputStream in;

  // Bytes that have been read and not been decoded.
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int position;
  private int end;

  private byte[] out = EMPTY;
  private int written;

  private SnappyBlock(InputStream in) {
    this.in = in;
  }

  /**
   * Returns the decoded block, or null if it is invalid or longer than the maximum.
   *
   * @param in tells by {@code available()} how many bytes it has
   * @throws IOException when reading fails
   */
  static byte @Nullable [] decode(InputStream in, int maxLength) throws IOException {
    SnappyBlock block = new SnappyBlock(in);
    return block.start(maxLength) && block.decodeElements() && block.isAtEnd() ? block.out : null;
  }

  /**
   * Reads the decoded length, a varint of 32 bits, and allocates as much. A few bytes that declare
   * megabytes get no memory.
   */
  private boolean start(int maxLength) throws IOException {
    fill();
    long length = 0;
    for (int shift = 0; shift < 5 * 7 && position < end; shift += 7) {
      byte next = buffer[position++];
      length |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        long left = (long) end - position + in.available();
        if (length > maxLength || length > MAX_EXPANSION * left) {
          return false;
        }
        out = new byte[(int) length];
        return true;
      }
    }
    return false;
  }

  private boolean decodeElements() throws IOException {
    while (written < out.length) {
      if (end - position < MAX_ELEMENT) {
        fill();
        if (position == end) {
          return false;
        }
      }
      int tag = buffer[position++];
      boolean valid =
          switch (tag & 3) {
            case 0 -> literal(tag >>> 2 & 0x3f);
            case 1 -> copy(1, (tag >>> 2 & 7) + 4, (tag & 0xe0) << 3);
            case 2 -> copy(2, (tag >>> 2 & 0x3f) + 1, 0);
            default -> copy(4, (tag >>> 2 & 0x3f) + 1, 0);
          };
      if (!valid) {
        return false;
      }
    }
    return true;
  }

  /** Reads from the stream until an element fits, or the stream ends. */
  private void fill() throws IOException {
    System.arraycopy(buffer, position, buffer, 0, end - position);
    end -= position;
    position = 0;
    while (end < MAX_ELEMENT) {
      int count = in.read(buffer, end, BUFFER_BYTES - end);
      if (count <= 0) {
        return;
      }
      end += count;
    }
  }

  private boolean isAtEnd() throws IOException {
    return position == end && in.read() < 0;
  }

  /** Reads a number of one to four bytes. Returns -1 if the input is too short. */
  private long number(int size) {
    if (size > end - position) {
      return -1;
    }
    long value = 0;
    for (int i = 0; i < size; i++) {
      value |= (buffer[position + i] & 0xffL) << (8 * i);
    }
    position += size;
    return value;
  }

  private boolean literal(int code) throws IOException {
    long lengthMinusOne = code < SHORT_LITERAL ? code : number(code - SHORT_LITERAL + 1);
    if (lengthMinusOne < 0 || lengthMinusOne >= out.length - written) {
      return false;
    }
    int length = (int) lengthMinusOne + 1;
    if (length <= 16
        && length <= end - position
        && position <= BUFFER_BYTES - 16
        && written <= out.length - 16) {
      // Also copies bytes after the literal. The next elements overwrite them.
      LONGS.set(out, written, (long) LONGS.get(buffer, position));
      LONGS.set(out, written + 8, (long) LONGS.get(buffer, position + 8));
      position += length;
      written += length;
      return true;
    }
    return longLiteral(length);
  }

  /** Copies a literal that may not be complete in the buffer. */
  private boolean longLiteral(int length) throws IOException {
    int buffered = Math.min(length, end - position);
    System.arraycopy(buffer, position, out, written, buffered);
    position += buffered;
    int rest = length - buffered;
    if (rest > 0 && in.readNBytes(out, written + buffered, rest) < rest) {
      return false;
    }
    written += length;
    return true;
  }

  /**
   * Copies earlier output.
   *
   * @param size the number of bytes of the offset
   * @param highBits the bits of the offset that are in the tag
   */
  private boolean copy(int size, int length, int highBits) {
    long number = number(size);
    long offset = highBits | number;
    if (number < 0 || offset == 0 || offset > written || length > out.length - written) {
      return false;
    }
    int from = written - (int) offset;
    if (offset >= 8 && out.length - written >= length + 7) {
      // Also copies up to seven bytes too many. The next elements overwrite them.
      for (int i = 0; i < length; i += 8) {
        LONGS.set(out, written + i, (long) LONGS.get(out, from + i));
      }
    } else {
      // The copy may overlap its source: its first bytes are then repeated.
      for (int i = 0; i < length; i++) {
        out[written + i] = out[from + i];
      }
    }
    written += length;
    return true;
  }
}
