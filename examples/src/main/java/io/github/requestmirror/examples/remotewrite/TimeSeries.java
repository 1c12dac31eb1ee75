package io.github.requestmirror.examples.remotewrite;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Samples of one series.
 *
 * @param labels what identifies the series, sorted by name
 * @param samples in the order of their timestamps
 */
public record TimeSeries(List<Label> labels, List<Sample> samples) implements Message {

  /** Copies the lists. */
  public TimeSeries {
    labels = List.copyOf(labels);
    samples = List.copyOf(samples);
  }

  static TimeSeries read(CodedInputStream in) throws IOException {
    List<Label> labels = new ArrayList<>();
    List<Sample> samples = new ArrayList<>();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case (1 << 3) | Wire.BYTES -> labels.add(Wire.readMessage(in, Label::read));
        case (2 << 3) | Wire.BYTES -> samples.add(Wire.readMessage(in, Sample::read));
        default -> in.skipField(tag);
      }
    }
    return new TimeSeries(labels, samples);
  }

  @Override
  public void writeTo(CodedOutputStream out) throws IOException {
    for (Label label : labels) {
      Wire.writeMessage(out, 1, label);
    }
    for (Sample sample : samples) {
      Wire.writeMessage(out, 2, sample);
    }
  }

  @Override
  public int size() {
    int size = 0;
    for (Label label : labels) {
      size += Wire.sizeOf(1, label);
    }
    for (Sample sample : samples) {
      size += Wire.sizeOf(2, sample);
    }
    return size;
  }
}
