package io.github.requestmirror.examples.remotewrite;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;

/**
 * One name and value of a series.
 *
 * @param name such as {@code job}; the metric's own name is {@code __name__}
 * @param value any text
 */
public record Label(String name, String value) implements Message {

  static Label read(CodedInputStream in) throws IOException {
    String name = "";
    String value = "";
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case (1 << 3) | Wire.BYTES -> name = in.readString();
        case (2 << 3) | Wire.BYTES -> value = in.readString();
        default -> in.skipField(tag);
      }
    }
    return new Label(name, value);
  }

  @Override
  public void writeTo(CodedOutputStream out) throws IOException {
    Wire.writeString(out, 1, name);
    Wire.writeString(out, 2, value);
  }

  @Override
  public int size() {
    return Wire.sizeOf(1, name) + Wire.sizeOf(2, value);
  }
}
