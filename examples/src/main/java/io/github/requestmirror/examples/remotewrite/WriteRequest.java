package io.github.requestmirror.examples.remotewrite;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.xerial.snappy.Snappy;

/**
 * The body of a remote-write 1.0 request. Exemplars and native histograms are skipped.
 *
 * @param series the samples, by series
 * @param metadata usually empty; see {@link Metadata}
 */
public record WriteRequest(List<TimeSeries> series, List<Metadata> metadata) {

  /** Copies the lists. */
  public WriteRequest {
    series = List.copyOf(series);
    metadata = List.copyOf(metadata);
  }

  /**
   * Returns a request without metadata.
   *
   * @param series the samples, by series
   * @return the request
   */
  public static WriteRequest of(List<TimeSeries> series) {
    return new WriteRequest(series, List.of());
  }

  /**
   * Reads the body of a request.
   *
   * @param body a snappy block
   * @return what it holds
   * @throws IOException when it is not a snappy block or does not hold a write request
   */
  public static WriteRequest decode(byte[] body) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(Snappy.uncompress(body));
    List<TimeSeries> series = new ArrayList<>();
    List<Metadata> metadata = new ArrayList<>();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case (1 << 3) | Wire.BYTES -> series.add(Wire.readMessage(in, TimeSeries::read));
        case (3 << 3) | Wire.BYTES -> metadata.add(Wire.readMessage(in, Metadata::read));
        default -> in.skipField(tag);
      }
    }
    return new WriteRequest(series, metadata);
  }

  /**
   * Returns the body of a request with this content.
   *
   * @return a snappy block
   */
  public byte[] encode() {
    try {
      return Snappy.compress(message());
    } catch (IOException e) {
      throw new UncheckedIOException("nothing here does I/O", e);
    }
  }

  /** The protobuf message before compression. */
  byte[] message() throws IOException {
    int size = 0;
    for (TimeSeries one : series) {
      size += Wire.sizeOf(1, one);
    }
    for (Metadata one : metadata) {
      size += Wire.sizeOf(3, one);
    }
    byte[] message = new byte[size];
    CodedOutputStream out = CodedOutputStream.newInstance(message);
    for (TimeSeries one : series) {
      Wire.writeMessage(out, 1, one);
    }
    for (Metadata one : metadata) {
      Wire.writeMessage(out, 3, one);
    }
    out.checkNoSpaceLeft();
    return message;
  }

  /**
   * Returns how many samples this holds.
   *
   * @return the samples of all series
   */
  public int samples() {
    int samples = 0;
    for (TimeSeries one : series) {
      samples += one.samples().size();
    }
    return samples;
  }
}
