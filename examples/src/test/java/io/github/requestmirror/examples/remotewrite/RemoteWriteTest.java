package io.github.requestmirror.examples.remotewrite;

import static io.github.requestmirror.examples.remotewrite.RemoteWrite.label;
import static io.github.requestmirror.examples.remotewrite.RemoteWrite.sample;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.requestmirror.examples.remotewrite.proto.Label;
import io.github.requestmirror.examples.remotewrite.proto.MetricMetadata;
import io.github.requestmirror.examples.remotewrite.proto.TimeSeries;
import io.github.requestmirror.examples.remotewrite.proto.WriteRequest;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RecordedRequests;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xerial.snappy.Snappy;

class RemoteWriteTest {
  private static final WriteRequest REQUEST =
      WriteRequest.newBuilder()
          .addTimeseries(
              TimeSeries.newBuilder()
                  .addLabels(label("__name__", "orders_total"))
                  .addLabels(label("shop", "Köln"))
                  .addSamples(sample(1.5, 1_700_000_000_000L))
                  .addSamples(sample(0, 0)))
          .addTimeseries(
              TimeSeries.newBuilder().addLabels(label("", "")).addSamples(sample(Double.NaN, -1)))
          .addTimeseries(TimeSeries.getDefaultInstance())
          .addMetadata(
              MetricMetadata.newBuilder()
                  .setType(MetricMetadata.MetricType.COUNTER)
                  .setMetricFamilyName("orders_total")
                  .setHelp("Orders."))
          .addMetadata(MetricMetadata.newBuilder().setUnit("s"))
          .build();

  @Test
  void decode_encodedRequest() throws IOException {
    assertThat(RemoteWrite.decode(RemoteWrite.encode(REQUEST))).isEqualTo(REQUEST);
  }

  @Test
  void samples_countsAllSeries() {
    assertThat(RemoteWrite.samples(REQUEST)).isEqualTo(3);
  }

  @Test
  void decode_keepsUnknownFields() throws IOException {
    // A series whose field 3 (exemplars) has two bytes, then field 9 of the request as a varint.
    byte[] message = {(1 << 3) | 2, 4, (3 << 3) | 2, 2, 'x', 'y', (9 << 3), 7};

    WriteRequest request = RemoteWrite.decode(Snappy.compress(message));

    assertThat(request.getTimeseriesCount()).isEqualTo(1);
    assertThat(request.toByteArray()).isEqualTo(message);
  }

  @Test
  void decode_rejectsBodyThatIsNotSnappy() {
    assertThatThrownBy(() -> RemoteWrite.decode("plain".getBytes(StandardCharsets.US_ASCII)))
        .isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 10})
  void decode_rejectsTruncatedMessage(int missing) throws IOException {
    byte[] message = REQUEST.toByteArray();
    byte[] truncated = new byte[message.length - missing];
    System.arraycopy(message, 0, truncated, 0, truncated.length);

    assertThatThrownBy(() -> RemoteWrite.decode(Snappy.compress(truncated)))
        .isInstanceOf(IOException.class);
  }

  @Test
  void decode_smallRequestsOfPrometheus() throws IOException {
    assertRoundTrip(RecordedRequests.small(), 235, 50, 5);
  }

  @Test
  void decode_largeRequestsOfPrometheus() throws IOException {
    assertRoundTrip(RecordedRequests.large(), 75, 2000, 5);
  }

  private static void assertRoundTrip(
      List<HttpMessage> recorded, int batches, int samples, int metadataOnly) throws IOException {
    int withSamples = 0;
    int withMetadata = 0;
    for (HttpMessage sent : recorded) {
      WriteRequest request = RemoteWrite.decode(sent.body());
      if (request.getMetadataCount() == 0) {
        withSamples++;
        assertThat(RemoteWrite.samples(request)).isEqualTo(samples);
        assertThat(request.getTimeseriesList())
            .allSatisfy(
                series ->
                    assertThat(series.getLabelsList())
                        .extracting(Label::getName)
                        .isSorted()
                        .contains("job"));
      } else {
        withMetadata++;
        assertThat(request.getTimeseriesList()).isEmpty();
      }
      assertThat(request.getUnknownFields().asMap()).isEmpty();
      assertThat(request.toByteArray()).isEqualTo(Snappy.uncompress(sent.body()));
    }
    assertThat(withSamples).isEqualTo(batches);
    assertThat(withMetadata).isEqualTo(metadataOnly);
  }
}
