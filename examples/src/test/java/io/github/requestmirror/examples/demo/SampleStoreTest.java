package io.github.requestmirror.examples.demo;

import static io.github.requestmirror.examples.remotewrite.RemoteWrite.label;
import static io.github.requestmirror.examples.remotewrite.RemoteWrite.sample;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.examples.remotewrite.proto.Sample;
import io.github.requestmirror.examples.remotewrite.proto.TimeSeries;
import io.github.requestmirror.examples.remotewrite.proto.WriteRequest;
import java.util.List;
import org.junit.jupiter.api.Test;

class SampleStoreTest {
  private final SampleStore store = new SampleStore();

  private static TimeSeries series(String name, Sample... samples) {
    return TimeSeries.newBuilder()
        .addLabels(label("__name__", name))
        .addAllSamples(List.of(samples))
        .build();
  }

  private static Sample at(long timestamp) {
    return sample(timestamp * 0.5, timestamp);
  }

  private static WriteRequest request(TimeSeries... series) {
    return WriteRequest.newBuilder().addAllTimeseries(List.of(series)).build();
  }

  private boolean append(TimeSeries... series) {
    return store.append(request(series));
  }

  @Test
  void append_storesSamplesInOrder() {
    assertThat(append(series("a", at(1), at(2)), series("b", at(1)))).isTrue();
    assertThat(append(series("a", at(3)))).isTrue();

    assertThat(store.samples()).isEqualTo(4);
    assertThat(store.rejected()).isZero();
    assertThat(store.contents().values()).extracting(SampleStore.History::samples).contains(3L, 1L);
  }

  @Test
  void append_oneOldSample_rejectsCompleteRequest() {
    append(series("a", at(5)));

    assertThat(append(series("b", at(9)), series("a", at(4)))).isFalse();

    assertThat(store.samples()).isEqualTo(1);
    assertThat(store.rejected()).isEqualTo(1);
    assertThat(store.contents()).hasSize(1);
  }

  @Test
  void append_rejectsDisorderWithinRequest() {
    assertThat(append(series("a", at(2), at(1)))).isFalse();
    assertThat(append(series("a", at(2)), series("a", at(1)))).isFalse();

    assertThat(store.samples()).isZero();
    assertThat(store.rejected()).isEqualTo(2);
  }

  @Test
  void append_repeatOfNewestSample_isAcceptedAndCountedOnce() {
    append(series("a", at(1), at(2)));

    assertThat(append(series("a", at(2)))).isTrue();
    assertThat(append(series("a", sample(77, 2)))).as("another value").isFalse();
    assertThat(append(series("a", at(1)))).as("not the newest").isFalse();

    assertThat(store.samples()).isEqualTo(2);
  }

  @Test
  void contents_differIfValuesDiffer() {
    SampleStore other = new SampleStore();
    append(series("a", at(1), at(2)));
    other.append(request(series("a", sample(9, 1), at(2))));

    assertThat(store.contents()).isNotEqualTo(other.contents());

    SampleStore same = new SampleStore();
    same.append(request(series("a", at(1))));
    same.append(request(series("a", at(2))));

    assertThat(store.contents()).isEqualTo(same.contents());
  }
}
