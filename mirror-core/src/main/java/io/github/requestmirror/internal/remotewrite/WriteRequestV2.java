package io.github.requestmirror.internal.remotewrite;

import java.util.function.LongConsumer;

/**
 * Walks through an {@code io.prometheus.write.v2.Request} of remote-write 2.0, whose series refer
 * to strings that may be anywhere in the message.
 */
final class WriteRequestV2 {
  private static final int SYMBOL = 4 << 3 | ProtoReader.BYTES;
  private static final int SERIES = 5 << 3 | ProtoReader.BYTES;

  /** Number of the field of a series that holds references to the strings of its labels. */
  private static final int REFS_FIELD = 1;

  private static final int PACKED_REFS = REFS_FIELD << 3 | ProtoReader.BYTES;
  private static final int REF = REFS_FIELD << 3 | ProtoReader.VARINT;

  private final byte[] message;
  private final SeriesHash hash;
  private final int maxSymbols;

  /** The hashes of the strings. */
  private long[] symbols = new long[0];

  // The series that is being read.
  private long series;
  private long name;
  private boolean hasName;

  /**
   * @param maxSymbols the maximum number of strings
   */
  WriteRequestV2(byte[] message, SeriesHash hash, int maxSymbols) {
    this.message = message;
    this.hash = hash;
    this.maxSymbols = maxSymbols;
  }

  /** Passes the key of each series. Returns false if there may be others. */
  boolean keys(LongConsumer key) {
    int count = countSymbols();
    if (count < 0 || count > maxSymbols) {
      return false;
    }
    symbols = new long[count];
    return hashSymbols() && readSeries(key);
  }

  /** Returns the number of strings, or -1 if the message is malformed or has other fields. */
  private int countSymbols() {
    ProtoReader in = new ProtoReader(message);
    int count = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == SYMBOL) {
        count++;
      } else if (tag != SERIES) {
        return -1;
      }
      in.skip(tag);
    }
    return in.isRejected() ? -1 : count;
  }

  /** Returns whether the first string is empty, as it must be. */
  private boolean hashSymbols() {
    ProtoReader in = new ProtoReader(message);
    int count = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      int length = in.readLength();
      if (tag == SYMBOL) {
        if (count == 0 && length > 0) {
          return false;
        }
        symbols[count++] = hash.ofString(message, in.position(), length);
      }
      in.advance(length);
    }
    return true;
  }

  private boolean readSeries(LongConsumer key) {
    ProtoReader in = new ProtoReader(message);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == SERIES) {
        key.accept(series(in));
      } else {
        in.skip(tag);
      }
    }
    return !in.isRejected();
  }

  private long series(ProtoReader in) {
    int outer = in.enter();
    series = hash.start();
    hasName = false;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == PACKED_REFS) {
        int afterRefs = in.enter();
        while (in.hasNext()) {
          reference(in);
        }
        in.leave(afterRefs);
      } else if (tag == REF) {
        reference(in);
      } else if (tag >>> 3 == REFS_FIELD) {
        in.reject();
      } else {
        in.skip(tag);
      }
    }
    if (hasName) {
      in.reject();
    }
    in.leave(outer);
    return series;
  }

  /** Reads a reference: to the name of a label, and next to its value. */
  private void reference(ProtoReader in) {
    long index = in.readVarint();
    if (index < 0 || index >= symbols.length) {
      in.reject();
      return;
    }
    long symbol = symbols[(int) index];
    if (hasName) {
      series = hash.withLabel(series, name, symbol);
    } else {
      name = symbol;
    }
    hasName = !hasName;
  }
}
