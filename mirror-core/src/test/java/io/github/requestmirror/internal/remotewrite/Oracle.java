package io.github.requestmirror.internal.remotewrite;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.xerial.snappy.Snappy;

/** Reads bodies with snappy-java and protobuf-java. */
final class Oracle {
  private static final int MAX_DECODED = RemoteWriteKeys.MAX_BYTES - SnappyBlock.BUFFER_BYTES;

  private final SeriesHash hash;

  Oracle(long seed) {
    hash = new SeriesHash(seed);
  }

  /** Returns the decoded block, or null if it is invalid or too long. */
  static byte @Nullable [] decode(byte[] body) {
    try {
      int length = Snappy.uncompressedLength(body);
      return length < 0 || length > MAX_DECODED ? null : Snappy.uncompress(body);
    } catch (IOException e) {
      return null;
    }
  }

  /** Returns the message as protobuf-java reads it, or null if that is impossible. */
  static @Nullable DynamicMessage parse(Schema schema, byte[] message) {
    try {
      return DynamicMessage.parseFrom(schema == Schema.V1 ? Messages.V1 : Messages.V2, message);
    } catch (InvalidProtocolBufferException e) {
      return null;
    }
  }

  /** Returns the keys of a message in the order of its series, or null if they are unknown. */
  @Nullable List<Long> keys(Schema schema, DynamicMessage message) {
    if (schema == Schema.V1) {
      Set<Integer> others = message.getUnknownFields().asMap().keySet();
      return Set.of(2, 1000, 1001).containsAll(others) ? keysOfV1(message) : null;
    }
    return message.getUnknownFields().asMap().isEmpty() ? keysOfV2(message) : null;
  }

  private @Nullable List<Long> keysOfV1(DynamicMessage request) {
    for (UnknownFieldSet.Field field : request.getUnknownFields().asMap().values()) {
      if (!field.getLengthDelimitedList().isEmpty()
          || !field.getFixed32List().isEmpty()
          || !field.getFixed64List().isEmpty()
          || !field.getGroupList().isEmpty()) {
        return null;
      }
    }
    List<Long> keys = new ArrayList<>();
    for (DynamicMessage series : messages(request, 1)) {
      if (!isReadable(series)) {
        return null;
      }
      long key = hash.start();
      for (DynamicMessage label : messages(series, 1)) {
        if (!label.getUnknownFields().asMap().isEmpty()) {
          return null;
        }
        Descriptor type = label.getDescriptorForType();
        ByteString name = (ByteString) label.getField(Messages.field(type, 1));
        ByteString value = (ByteString) label.getField(Messages.field(type, 2));
        key = hash.withLabel(key, hashOf(name), hashOf(value));
      }
      keys.add(key);
    }
    return keys;
  }

  private @Nullable List<Long> keysOfV2(DynamicMessage request) {
    List<?> symbols = (List<?>) request.getField(Messages.field(Messages.V2, 4));
    if (!symbols.isEmpty() && !((ByteString) symbols.get(0)).isEmpty()) {
      return null;
    }
    List<Long> keys = new ArrayList<>();
    for (DynamicMessage series : messages(request, 5)) {
      List<?> refs = (List<?>) series.getField(Messages.field(series.getDescriptorForType(), 1));
      if (!isReadable(series) || refs.size() % 2 != 0) {
        return null;
      }
      long key = hash.start();
      for (int i = 0; i < refs.size(); i += 2) {
        ByteString name = symbol(symbols, (Integer) refs.get(i));
        ByteString value = symbol(symbols, (Integer) refs.get(i + 1));
        if (name == null || value == null) {
          return null;
        }
        key = hash.withLabel(key, hashOf(name), hashOf(value));
      }
      keys.add(key);
    }
    return keys;
  }

  /** Returns whether a series has no group and no labels of another type. */
  private static boolean isReadable(DynamicMessage series) {
    return series.getUnknownFields().asMap().entrySet().stream()
        .allMatch(field -> field.getKey() != 1 && field.getValue().getGroupList().isEmpty());
  }

  private static @Nullable ByteString symbol(List<?> symbols, int ref) {
    return ref < 0 || ref >= symbols.size() ? null : (ByteString) symbols.get(ref);
  }

  /** Returns the values of a repeated field. */
  static List<DynamicMessage> messages(DynamicMessage in, int number) {
    List<DynamicMessage> messages = new ArrayList<>();
    for (Object message :
        (List<?>) in.getField(Messages.field(in.getDescriptorForType(), number))) {
      messages.add((DynamicMessage) message);
    }
    return messages;
  }

  private long hashOf(ByteString string) {
    return hash.ofString(string.toByteArray(), 0, string.size());
  }
}
