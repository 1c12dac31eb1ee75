package io.github.requestmirror.internal.remotewrite;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Writes protobuf fields in any order, also those that no schema has. */
final class ProtoWriter {
  private final ByteString.Output bytes = ByteString.newOutput();
  private final CodedOutputStream out = CodedOutputStream.newInstance(bytes, 16);

  /** Writes part of a message. */
  private interface Writing {
    void write() throws IOException;
  }

  private ProtoWriter write(Writing writing) {
    try {
      writing.write();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  ProtoWriter bytes(int number, byte[] content) {
    return write(() -> out.writeByteArray(number, content));
  }

  ProtoWriter string(int number, String content) {
    return bytes(number, content.getBytes(StandardCharsets.UTF_8));
  }

  ProtoWriter message(int number, ProtoWriter content) {
    return bytes(number, content.toByteArray());
  }

  ProtoWriter varint(int number, long value) {
    return write(() -> out.writeUInt64(number, value));
  }

  ProtoWriter fixed32(int number, int value) {
    return write(() -> out.writeFixed32(number, value));
  }

  ProtoWriter fixed64(int number, long value) {
    return write(() -> out.writeFixed64(number, value));
  }

  ProtoWriter tag(int number, int wireType) {
    return write(() -> out.writeTag(number, wireType));
  }

  ProtoWriter group(int number) {
    return tag(number, WireFormat.WIRETYPE_START_GROUP).tag(number, WireFormat.WIRETYPE_END_GROUP);
  }

  /** Writes a number without a tag. */
  ProtoWriter raw(long value) {
    return write(() -> out.writeUInt64NoTag(value));
  }

  byte[] toByteArray() {
    write(out::flush);
    return bytes.toByteString().toByteArray();
  }
}
