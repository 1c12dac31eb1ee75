package io.github.requestmirror.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Cortex;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.testing.Conservation;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ScrapeSnapshotsTest {
  @RegisterExtension final Conservation conservation = new Conservation();

  private final AtomicInteger taken = new AtomicInteger();
  private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5);
  private final List<Snapshot> announced = new ArrayList<>();
  private ToDoubleFunction<String> first;
  private ToDoubleFunction<String> second;

  /** Each snapshot has its number as the fraction. */
  @BeforeEach
  void createMeters() {
    Mirror mirror =
        conservation.watch(
            Mirror.start(
                MirrorTarget.of(URI.create("http://127.0.0.1:1")), Cortex.writes().build()));
    ScrapeSnapshots snapshots =
        new ScrapeSnapshots(
            () -> new Snapshot(mirror.stats(), true, List.of((double) taken.incrementAndGet())),
            clock::get,
            announced::add);
    first = snapshots.meter(snapshot -> snapshot.fractions().get(0));
    second = snapshots.meter(snapshot -> snapshot.fractions().get(0));
  }

  @Test
  void allMetersOfAScrapeReadOneSnapshot() {
    assertThat(first.applyAsDouble("")).isEqualTo(1);
    assertThat(second.applyAsDouble("")).isEqualTo(1);
    assertThat(announced).hasSize(1);
  }

  @Test
  void nextScrapeReadsAnotherSnapshot_inAnyOrder() {
    assertThat(first.applyAsDouble("")).isEqualTo(1);
    assertThat(second.applyAsDouble("")).isEqualTo(1);

    assertThat(second.applyAsDouble("")).isEqualTo(2);
    assertThat(first.applyAsDouble("")).isEqualTo(2);
  }

  @Test
  void snapshotEndsAfterASecond() {
    assertThat(first.applyAsDouble("")).isEqualTo(1);
    clock.addAndGet(ScrapeSnapshots.MAX_AGE_NANOS);

    assertThat(second.applyAsDouble("")).isEqualTo(2);
  }

  @Test
  void anotherThreadReadsItsOwnSnapshot() throws Exception {
    assertThat(first.applyAsDouble("")).isEqualTo(1);
    AtomicLong other = new AtomicLong();
    Thread scrape = new Thread(() -> other.set((long) first.applyAsDouble("")));
    scrape.start();
    scrape.join();

    assertThat(other).hasValue(2);
    assertThat(second.applyAsDouble("")).isEqualTo(1);
  }
}
