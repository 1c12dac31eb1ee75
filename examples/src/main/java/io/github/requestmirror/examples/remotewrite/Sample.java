package io.github.requestmirror.examples.remotewrite;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;

/**
 * One value of a series at one time.
 *
 * @param value the value; the end of a series is a NaN of its own
 * @param timestamp milliseconds since 1970
 */
public record Sample(double value, long timestamp) implements Message {

  static Sample read(CodedInputStream in) throws IOException {
    double value = 0;
    long timestamp = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case (1 << 3) | Wire.FIXED64 -> value = in.readDouble();
        case (2 << 3) | Wire.VARINT -> timestamp = in.readInt64();
        default -> in.skipField(tag);
      }
    }
    return new Sample(value, timestamp);
  }

  @Override
  public void writeTo(CodedOutputStream out) throws IOException {
    if (hasValue()) {
      out.writeDouble(1, value);
    }
    if (timestamp != 0) {
      out.writeInt64(2, timestamp);
    }
  }

  @Override
  public int size() {
    return (hasValue() ? CodedOutputStream.computeDoubleSize(1, value) : 0)
        + (timestamp != 0 ? CodedOutputStream.computeInt64Size(2, timestamp) : 0);
  }

  /** Prometheus leaves out negative zero as well, so this compares numbers, not bits. */
  private boolean hasValue() {
    return value != 0;
  }
}
