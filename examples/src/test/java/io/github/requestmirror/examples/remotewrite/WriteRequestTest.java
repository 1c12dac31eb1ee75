package io.github.requestmirror.examples.remotewrite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RecordedRequests;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xerial.snappy.Snappy;

class WriteRequestTest {
  private static final WriteRequest REQUEST =
      new WriteRequest(
          List.of(
              new TimeSeries(
                  List.of(new Label("__name__", "orders_total"), new Label("shop", "Köln")),
                  List.of(new Sample(1.5, 1_700_000_000_000L), new Sample(0, 0))),
              new TimeSeries(List.of(new Label("", "")), List.of(new Sample(Double.NaN, -1))),
              new TimeSeries(List.of(), List.of())),
          List.of(new Metadata(1, "orders_total", "Orders.", ""), new Metadata(0, "", "", "s")));

  @Test
  void decodesWhatItEncodes() throws IOException {
    assertThat(WriteRequest.decode(REQUEST.encode())).isEqualTo(REQUEST);
  }

  @Test
  void counts() {
    assertThat(REQUEST.samples()).isEqualTo(3);
  }

  @Test
  void skipsFieldsItDoesNotKnow() throws IOException {
    // Field 9 of the request as a varint; then a series whose field 3 (exemplars) has two bytes.
    byte[] message = {(9 << 3), 7, (1 << 3) | 2, 4, (3 << 3) | 2, 2, 'x', 'y'};

    assertThat(WriteRequest.decode(Snappy.compress(message)))
        .isEqualTo(WriteRequest.of(List.of(new TimeSeries(List.of(), List.of()))));
  }

  @Test
  void refusesWhatIsNotSnappy() {
    assertThatThrownBy(() -> WriteRequest.decode("plain".getBytes(StandardCharsets.US_ASCII)))
        .isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 10})
  void refusesATruncatedMessage(int missing) throws IOException {
    byte[] message = REQUEST.message();
    byte[] truncated = new byte[message.length - missing];
    System.arraycopy(message, 0, truncated, 0, truncated.length);

    assertThatThrownBy(() -> WriteRequest.decode(Snappy.compress(truncated)))
        .isInstanceOf(IOException.class);
  }

  @Test
  void readsAndWritesSmallRequestsLikePrometheus() throws IOException {
    assertReadsAndWrites(RecordedRequests.small(), 235, 50, 5);
  }

  @Test
  void readsAndWritesLargeRequestsLikePrometheus() throws IOException {
    assertReadsAndWrites(RecordedRequests.large(), 75, 2000, 5);
  }

  private static void assertReadsAndWrites(
      List<HttpMessage> recorded, int batches, int samples, int metadataOnly) throws IOException {
    int withSamples = 0;
    int withMetadata = 0;
    for (HttpMessage sent : recorded) {
      WriteRequest request = WriteRequest.decode(sent.body());
      if (request.metadata().isEmpty()) {
        withSamples++;
        assertThat(request.samples()).isEqualTo(samples);
        assertThat(request.series())
            .allSatisfy(
                one -> assertThat(one.labels()).extracting(Label::name).isSorted().contains("job"));
      } else {
        withMetadata++;
        assertThat(request.series()).isEmpty();
      }
      // Byte for byte: nothing was overlooked.
      assertThat(request.message()).isEqualTo(Snappy.uncompress(sent.body()));
    }
    assertThat(withSamples).isEqualTo(batches);
    assertThat(withMetadata).isEqualTo(metadataOnly);
  }
}
