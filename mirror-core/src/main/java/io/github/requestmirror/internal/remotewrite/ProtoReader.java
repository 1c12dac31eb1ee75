package io.github.requestmirror.internal.remotewrite;

/**
 * A cursor over a protobuf message. Reads tags, numbers and lengths, and creates no objects. After
 * an error, the message seems to end, and {@link #isRejected} says so; callers need to ask only
 * once.
 */
final class ProtoReader {
  /** Wire types. */
  static final int VARINT = 0;

  static final int FIXED64 = 1;
  static final int BYTES = 2;
  static final int FIXED32 = 5;

  private final byte[] message;
  private int position;
  private int limit;
  private boolean rejected;

  ProtoReader(byte[] message) {
    this.message = message;
    limit = message.length;
  }

  /** Returns whether the message is malformed or the caller rejected it. */
  boolean isRejected() {
    return rejected;
  }

  /** Makes the message seem to end here. */
  void reject() {
    rejected = true;
    position = message.length;
    limit = message.length;
  }

  int position() {
    return position;
  }

  boolean hasNext() {
    return position < limit;
  }

  /** Reads the tag of a field: its number times eight plus its wire type. Returns 0 at the end. */
  int readTag() {
    if (position == limit) {
      return 0;
    }
    long tag = readVarint();
    if (tag >>> 3 == 0 || tag >>> Integer.SIZE != 0) {
      reject();
      return 0;
    }
    return (int) tag;
  }

  /** Reads a number. Returns 0 after an error. */
  long readVarint() {
    if (position < limit) {
      byte first = message[position];
      if (first >= 0) {
        position++;
        return first;
      }
    }
    return readLongVarint();
  }

  private long readLongVarint() {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE && position < limit; shift += 7) {
      byte next = message[position++];
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        // Of the tenth byte, only one bit is left.
        if (shift == 63 && next > 1) {
          break;
        }
        return value;
      }
    }
    reject();
    return 0;
  }

  /** Reads the length of the value that follows. Returns 0 if it ends too late. */
  int readLength() {
    long length = readVarint();
    if (length < 0 || length > limit - position) {
      reject();
      return 0;
    }
    return (int) length;
  }

  void advance(int count) {
    if (count > limit - position) {
      reject();
    } else {
      position += count;
    }
  }

  /** Skips the value after a tag. Rejects groups, which are obsolete, and unknown wire types. */
  void skip(int tag) {
    switch (tag & 7) {
      case VARINT -> {
        long ignored = readVarint();
      }
      case FIXED64 -> advance(Long.BYTES);
      case BYTES -> advance(readLength());
      case FIXED32 -> advance(Integer.BYTES);
      default -> reject();
    }
  }

  /** Enters the message or packed field that follows. Returns the argument of {@link #leave}. */
  int enter() {
    return enter(readLength());
  }

  /** Enters what follows with a length that has been read. */
  int enter(int length) {
    int outer = limit;
    limit = position + length;
    return outer;
  }

  /** Leaves what was entered, at its end. */
  void leave(int outer) {
    if (!rejected) {
      limit = outer;
    }
  }
}
