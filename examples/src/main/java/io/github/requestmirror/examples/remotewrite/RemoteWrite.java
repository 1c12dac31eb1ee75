package io.github.requestmirror.examples.remotewrite;

import io.github.requestmirror.examples.remotewrite.proto.Label;
import io.github.requestmirror.examples.remotewrite.proto.Sample;
import io.github.requestmirror.examples.remotewrite.proto.TimeSeries;
import io.github.requestmirror.examples.remotewrite.proto.WriteRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.xerial.snappy.Snappy;

/** Encodes and decodes the bodies of remote-write 1.0 requests. */
public final class RemoteWrite {
  private RemoteWrite() {}

  /**
   * Encodes a request body.
   *
   * @param request the message
   * @return the message as a snappy block
   */
  public static byte[] encode(WriteRequest request) {
    try {
      return Snappy.compress(request.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException("compressing an array does no I/O", e);
    }
  }

  /**
   * Decodes a request body.
   *
   * @param body a snappy block
   * @return the message
   * @throws IOException when the body is not a snappy block or contains no valid message
   */
  public static WriteRequest decode(byte[] body) throws IOException {
    return WriteRequest.parseFrom(Snappy.uncompress(body));
  }

  /**
   * Counts the samples of all time series.
   *
   * @param request the message
   * @return the number of samples
   */
  public static int samples(WriteRequest request) {
    return request.getTimeseriesList().stream().mapToInt(TimeSeries::getSamplesCount).sum();
  }

  /**
   * Creates a label.
   *
   * @param name for example {@code job}
   * @param value the value
   * @return the label
   */
  public static Label label(String name, String value) {
    return Label.newBuilder().setName(name).setValue(value).build();
  }

  /**
   * Creates a sample.
   *
   * @param value the value
   * @param timestamp milliseconds since the epoch
   * @return the sample
   */
  public static Sample sample(double value, long timestamp) {
    return Sample.newBuilder().setValue(value).setTimestamp(timestamp).build();
  }
}
