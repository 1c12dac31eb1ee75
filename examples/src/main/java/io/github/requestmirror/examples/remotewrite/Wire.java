package io.github.requestmirror.examples.remotewrite;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;

/**
 * What protobuf's generated code would do: fields that hold their default are left out, and
 * messages nest with their size in front.
 */
final class Wire {
  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int BYTES = 2;

  private Wire() {}

  /** Reads one message's fields from a stream that ends where the message does. */
  @FunctionalInterface
  interface Reader<T> {
    T read(CodedInputStream in) throws IOException;
  }

  static <T> T readMessage(CodedInputStream in, Reader<T> reader) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    T message = reader.read(in);
    if (in.getBytesUntilLimit() != 0) {
      throw new InvalidProtocolBufferException("a message ends before its length says");
    }
    in.popLimit(outer);
    return message;
  }

  static void writeMessage(CodedOutputStream out, int field, Message message) throws IOException {
    out.writeTag(field, BYTES);
    out.writeUInt32NoTag(message.size());
    message.writeTo(out);
  }

  static int sizeOf(int field, Message message) {
    int size = message.size();
    return CodedOutputStream.computeTagSize(field)
        + CodedOutputStream.computeUInt32SizeNoTag(size)
        + size;
  }

  static void writeString(CodedOutputStream out, int field, String value) throws IOException {
    if (!value.isEmpty()) {
      out.writeString(field, value);
    }
  }

  static int sizeOf(int field, String value) {
    return value.isEmpty() ? 0 : CodedOutputStream.computeStringSize(field, value);
  }
}
