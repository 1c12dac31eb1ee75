package io.github.requestmirror.examples.remotewrite;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;

/**
 * What a metric is. Prometheus sends these once a minute, in requests that hold no series.
 *
 * @param type 1 counter, 2 gauge, 3 histogram and so on; 0 unknown
 * @param family the metric's name
 * @param help its help text
 * @param unit its unit, often empty
 */
public record Metadata(int type, String family, String help, String unit) implements Message {

  static Metadata read(CodedInputStream in) throws IOException {
    int type = 0;
    String family = "";
    String help = "";
    String unit = "";
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case (1 << 3) | Wire.VARINT -> type = in.readEnum();
        case (2 << 3) | Wire.BYTES -> family = in.readString();
        case (4 << 3) | Wire.BYTES -> help = in.readString();
        case (5 << 3) | Wire.BYTES -> unit = in.readString();
        default -> in.skipField(tag);
      }
    }
    return new Metadata(type, family, help, unit);
  }

  @Override
  public void writeTo(CodedOutputStream out) throws IOException {
    if (type != 0) {
      out.writeEnum(1, type);
    }
    Wire.writeString(out, 2, family);
    Wire.writeString(out, 4, help);
    Wire.writeString(out, 5, unit);
  }

  @Override
  public int size() {
    return (type != 0 ? CodedOutputStream.computeEnumSize(1, type) : 0)
        + Wire.sizeOf(2, family)
        + Wire.sizeOf(4, help)
        + Wire.sizeOf(5, unit);
  }
}
