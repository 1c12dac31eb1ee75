package io.github.requestmirror.internal.accounting;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.MirrorStats;
import org.junit.jupiter.api.Test;

class DurationCountsTest {
  private final DurationCounts counts = new DurationCounts();

  @Test
  void boundBelongsToItsBucket() {
    for (int i = 0; i < MirrorStats.Durations.bounds().size(); i++) {
      long bound = MirrorStats.Durations.bounds().get(i).toNanos();
      DurationCounts fresh = new DurationCounts();
      fresh.record(bound);
      fresh.record(bound + 1);

      assertThat(fresh.counts()[i]).as("%d ns", bound).isEqualTo(1);
      assertThat(fresh.counts()[i + 1]).as("%d ns", bound + 1).isEqualTo(1);
    }
  }

  @Test
  void negativeDurationIsZero() {
    counts.record(-5);

    assertThat(counts.counts()[0]).isEqualTo(1);
    assertThat(counts.totalMicros()).isZero();
  }

  @Test
  void totalIsTheSum() {
    counts.record(3);
    counts.record(4_000_000_000L);

    assertThat(counts.totalMicros()).isEqualTo(4_000_000L);
  }
}
