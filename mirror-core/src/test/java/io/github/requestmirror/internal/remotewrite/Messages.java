package io.github.requestmirror.internal.remotewrite;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.UnknownFieldSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.xerial.snappy.Snappy;

/**
 * The messages of remote-write as protobuf-java reads and writes them. Strings are declared as
 * bytes, because receivers do not check them. A series is a list of names and values.
 */
final class Messages {
  static final Descriptor V1;
  static final Descriptor V2;

  static {
    FileDescriptorProto file =
        FileDescriptorProto.newBuilder()
            .setName("remote_write.proto")
            .setSyntax("proto3")
            .addMessageType(message("Label", one("name", 1), one("value", 2)))
            .addMessageType(message("TimeSeries", many("labels", 1).setTypeName("Label")))
            .addMessageType(
                message(
                    "WriteRequest",
                    many("timeseries", 1).setTypeName("TimeSeries"),
                    many("metadata", 3).setType(FieldDescriptorProto.Type.TYPE_BYTES)))
            .addMessageType(
                message(
                    "TimeSeries2",
                    many("labels_refs", 1).setType(FieldDescriptorProto.Type.TYPE_UINT32)))
            .addMessageType(
                message(
                    "Request",
                    many("symbols", 4).setType(FieldDescriptorProto.Type.TYPE_BYTES),
                    many("timeseries", 5).setTypeName("TimeSeries2")))
            .build();
    try {
      FileDescriptor linked = FileDescriptor.buildFrom(file, new FileDescriptor[0]);
      V1 = linked.findMessageTypeByName("WriteRequest");
      V2 = linked.findMessageTypeByName("Request");
    } catch (DescriptorValidationException e) {
      throw new IllegalStateException(e);
    }
  }

  private Messages() {}

  private static DescriptorProto message(String name, FieldDescriptorProto.Builder... fields) {
    DescriptorProto.Builder message = DescriptorProto.newBuilder().setName(name);
    for (FieldDescriptorProto.Builder field : fields) {
      message.addField(field);
    }
    return message.build();
  }

  private static FieldDescriptorProto.Builder one(String name, int number) {
    return FieldDescriptorProto.newBuilder()
        .setName(name)
        .setNumber(number)
        .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL)
        .setType(FieldDescriptorProto.Type.TYPE_BYTES);
  }

  private static FieldDescriptorProto.Builder many(String name, int number) {
    return FieldDescriptorProto.newBuilder()
        .setName(name)
        .setNumber(number)
        .setLabel(FieldDescriptorProto.Label.LABEL_REPEATED);
  }

  static FieldDescriptor field(Descriptor type, int number) {
    return type.findFieldByNumber(number);
  }

  /** Returns the message of a schema with one sample for each series. */
  static byte[] of(Schema schema, List<List<String>> series) {
    return schema == Schema.V1 ? v1(series) : v2(series);
  }

  private static byte[] v1(List<List<String>> series) {
    Descriptor seriesType = field(V1, 1).getMessageType();
    Descriptor labelType = field(seriesType, 1).getMessageType();
    DynamicMessage.Builder request = DynamicMessage.newBuilder(V1);
    for (List<String> labels : series) {
      DynamicMessage.Builder one = DynamicMessage.newBuilder(seriesType);
      for (int i = 0; i < labels.size(); i += 2) {
        one.addRepeatedField(
            field(seriesType, 1),
            DynamicMessage.newBuilder(labelType)
                .setField(field(labelType, 1), ByteString.copyFromUtf8(labels.get(i)))
                .setField(field(labelType, 2), ByteString.copyFromUtf8(labels.get(i + 1)))
                .build());
      }
      request.addRepeatedField(field(V1, 1), one.setUnknownFields(sample()).build());
    }
    return request.build().toByteArray();
  }

  private static byte[] v2(List<List<String>> series) {
    Descriptor seriesType = field(V2, 5).getMessageType();
    DynamicMessage.Builder request = DynamicMessage.newBuilder(V2);
    List<String> symbols = new ArrayList<>(List.of(""));
    for (List<String> labels : series) {
      DynamicMessage.Builder one = DynamicMessage.newBuilder(seriesType);
      for (String string : labels) {
        int ref = symbols.indexOf(string);
        if (ref < 0) {
          ref = symbols.size();
          symbols.add(string);
        }
        one.addRepeatedField(field(seriesType, 1), ref);
      }
      request.addRepeatedField(field(V2, 5), one.setUnknownFields(sample()).build());
    }
    for (String symbol : symbols) {
      request.addRepeatedField(field(V2, 4), ByteString.copyFromUtf8(symbol));
    }
    return request.build().toByteArray();
  }

  /** Field 2 of a series, which is the same in both schemas. */
  private static UnknownFieldSet sample() {
    UnknownFieldSet sample =
        UnknownFieldSet.newBuilder()
            .addField(
                1,
                UnknownFieldSet.Field.newBuilder().addFixed64(Double.doubleToLongBits(1.5)).build())
            .addField(2, UnknownFieldSet.Field.newBuilder().addVarint(1_700_000_000_000L).build())
            .build();
    return UnknownFieldSet.newBuilder()
        .addField(
            2, UnknownFieldSet.Field.newBuilder().addLengthDelimited(sample.toByteString()).build())
        .build();
  }

  /** Compresses as senders do. */
  static byte[] compressed(byte[] message) {
    try {
      return Snappy.compress(message);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
