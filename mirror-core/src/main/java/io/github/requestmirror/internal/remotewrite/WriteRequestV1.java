package io.github.requestmirror.internal.remotewrite;

import java.util.function.LongConsumer;

/** Walks through a {@code prometheus.WriteRequest} of remote-write 1.0. */
final class WriteRequestV1 {
  private static final int SERIES = 1 << 3 | ProtoReader.BYTES;

  /** Cortex' own field for the origin of a request. */
  private static final int SOURCE = 2 << 3 | ProtoReader.VARINT;

  private static final int METADATA = 3 << 3 | ProtoReader.BYTES;

  /** Options of Cortex and Mimir for the validation of labels. */
  private static final int SKIP_NAME_VALIDATION = 1000 << 3 | ProtoReader.VARINT;

  private static final int SKIP_COUNT_VALIDATION = 1001 << 3 | ProtoReader.VARINT;

  /** Number of the field of a series that holds a label. */
  private static final int LABEL_FIELD = 1;

  private static final int LABEL = LABEL_FIELD << 3 | ProtoReader.BYTES;
  private static final int LABEL_NAME = 1 << 3 | ProtoReader.BYTES;
  private static final int LABEL_VALUE = 2 << 3 | ProtoReader.BYTES;

  private final byte[] message;
  private final ProtoReader in;
  private final SeriesHash hash;

  WriteRequestV1(byte[] message, SeriesHash hash) {
    this.message = message;
    this.hash = hash;
    in = new ProtoReader(message);
  }

  /** Passes the key of each series. Returns false if there may be others. */
  boolean keys(LongConsumer key) {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case SERIES -> key.accept(series());
        // Metadata belongs to metrics, and each says the same again.
        case METADATA, SOURCE, SKIP_NAME_VALIDATION, SKIP_COUNT_VALIDATION -> in.skip(tag);
        default -> in.reject();
      }
    }
    return !in.isRejected();
  }

  private long series() {
    int outer = in.enter();
    long series = hash.start();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == LABEL) {
        series = withLabel(series);
      } else if (tag >>> 3 == LABEL_FIELD) {
        in.reject();
      } else {
        in.skip(tag);
      }
    }
    in.leave(outer);
    return series;
  }

  private long withLabel(long series) {
    int length = in.readLength();
    int start = in.position();
    int end = start + length;
    // Nearly every label is a name and then a value, both shorter than 128 bytes.
    if (length >= 4 && message[start] == LABEL_NAME && message[start + 1] >= 0) {
      int name = start + 2;
      int nameEnd = name + message[start + 1];
      if (nameEnd <= end - 2
          && message[nameEnd] == LABEL_VALUE
          && message[nameEnd + 1] == end - nameEnd - 2) {
        in.advance(length);
        return hash.withLabel(
            series,
            hash.ofString(message, name, nameEnd - name),
            hash.ofString(message, nameEnd + 2, end - nameEnd - 2));
      }
    }
    return withUnusualLabel(series, length);
  }

  /** Of a name or value that is repeated the last one counts, as in protobuf. */
  private long withUnusualLabel(long series, int length) {
    int outer = in.enter(length);
    int name = 0;
    int nameLength = 0;
    int value = 0;
    int valueLength = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case LABEL_NAME -> {
          nameLength = in.readLength();
          name = in.position();
          in.advance(nameLength);
        }
        case LABEL_VALUE -> {
          valueLength = in.readLength();
          value = in.position();
          in.advance(valueLength);
        }
        default -> in.reject();
      }
    }
    in.leave(outer);
    return hash.withLabel(
        series,
        hash.ofString(message, name, nameLength),
        hash.ofString(message, value, valueLength));
  }
}
