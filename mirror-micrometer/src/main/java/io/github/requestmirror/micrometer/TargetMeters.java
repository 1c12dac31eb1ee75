package io.github.requestmirror.micrometer;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.Outcome;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** Registers the meters of one target. */
final class TargetMeters {
  private static final String PREFIX = "http.mirror.";

  /** The classes of statuses; 0 for no final response. */
  private static final int[] CLASSES = {2, 3, 4, 5, 0};

  private final MeterRegistry registry;
  private final Mirror mirror;
  private final ScrapeSnapshots snapshots;
  private final int index;
  private final Tags tags;

  /**
   * @param index of the target
   * @param tags of all meters
   */
  TargetMeters(
      MeterRegistry registry, Mirror mirror, ScrapeSnapshots snapshots, int index, Tags tags) {
    this.registry = registry;
    this.mirror = mirror;
    this.snapshots = snapshots;
    this.index = index;
    this.tags = tags;
  }

  void register() {
    counters();
    pending();
    limits();
    durations("target", MirrorStats.Target::targetDurations);
    durations("primary", MirrorStats.Target::primaryDurations);
    for (int primary : CLASSES) {
      for (int target : CLASSES) {
        counter(
            "responses",
            "Copies that were sent, by status of the primary and of the target",
            Tags.of("primary.status", statuses(primary), "target.status", statuses(target)),
            stats -> stats.responsesByStatus(primary, target));
      }
    }
  }

  private static String statuses(int statusClass) {
    return statusClass == 0 ? "none" : statusClass + "xx";
  }

  private void counters() {
    counter("offered", "All requests, mirrored or not", Tags.empty(), MirrorStats.Target::offered);
    for (Outcome outcome : Outcome.values()) {
      counter(
          "requests",
          "Requests that ended, by outcome",
          Tags.of("outcome", lowerCase(outcome), "kind", lowerCase(outcome.kind())),
          stats -> stats.count(outcome));
    }
    counter(
        "retries", "Repeated attempts to send a copy", Tags.empty(), MirrorStats.Target::retries);
    counter(
        "reencoded",
        "Copies whose form body was re-encoded from its parameters",
        Tags.empty(),
        MirrorStats.Target::reencoded);
    String bodies = "Bodies that were read for the order of their copies";
    counter("bodies", bodies, Tags.of("result", "read"), MirrorStats.Target::bodiesRead);
    counter(
        "bodies", bodies, Tags.of("result", "unreadable"), MirrorStats.Target::bodiesUnreadable);
  }

  private static String lowerCase(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private void pending() {
    gauge("pending", "Requests without an outcome yet", MirrorStats.Target::pending)
        .register(registry);
    gauge("queued", "Copies waiting to be sent", MirrorStats.Target::queued).register(registry);
    waiting("order", MirrorStats.Target::waitingForOrder);
    waiting("place", MirrorStats.Target::waitingForPlace);
    waiting("retry", MirrorStats.Target::waitingForRetry);
    gauge(
            "oldest",
            "How long the oldest copy has waited to be sent",
            stats -> seconds(stats.oldestWait()))
        .baseUnit("seconds")
        .register(registry);
    gauge("in.flight", "Copies sent and waiting for a response", MirrorStats.Target::inFlight)
        .register(registry);
    gauge("buffered", "Memory held by copies", MirrorStats.Target::bufferedBytes)
        .baseUnit("bytes")
        .register(registry);
    gauge(
            "up",
            "1 while the circuit breaker is closed, 0 while it is open",
            stats -> stats.up() ? 1 : 0)
        .register(registry);
  }

  private void waiting(String reason, ToDoubleFunction<MirrorStats.Target> value) {
    gauge("waiting", "Copies that wait to be sent, by what they wait for", value)
        .tag("reason", reason)
        .register(registry);
  }

  private void limits() {
    gauge(
            "buffer.limit",
            "The limit of the memory held by copies",
            stats -> stats.target().bufferBytes())
        .baseUnit("bytes")
        .register(registry);
    gauge("in.flight.limit", "The limit of copies in flight", stats -> stats.target().maxInFlight())
        .register(registry);
    gauge(
            "oldest.limit",
            "How long a copy may wait to be sent",
            stats -> seconds(stats.target().maxQueueTime()))
        .baseUnit("seconds")
        .register(registry);
    Gauge.builder(
            PREFIX + "fraction",
            mirror,
            snapshots.meter(snapshot -> snapshot.fractions().get(index)))
        .description("The fraction of matching requests that is copied, from 0 to 1")
        .tags(tags)
        .register(registry);
  }

  /**
   * The buckets are counters of their own, as Micrometer names those of registries that have no
   * histograms, because a timer cannot be given counts.
   */
  private void durations(String side, Function<MirrorStats.Target, MirrorStats.Durations> value) {
    String description = "Duration of responses to captured requests";
    ToDoubleFunction<Mirror> count = meter(stats -> value.apply(stats).count());
    FunctionTimer.builder(
            PREFIX + "duration",
            mirror,
            m -> (long) count.applyAsDouble(m),
            meter(stats -> value.apply(stats).total().toNanos()),
            TimeUnit.NANOSECONDS)
        .description(description)
        .tags(tags)
        .tag("side", side)
        .register(registry);
    List<Duration> bounds = MirrorStats.Durations.bounds();
    for (int i = 0; i < bounds.size(); i++) {
      int bound = i;
      bucket(
          side, Double.toString(seconds(bounds.get(i))), s -> value.apply(s).countUpToBound(bound));
    }
    bucket(side, "+Inf", stats -> value.apply(stats).count());
  }

  private void bucket(String side, String bound, ToDoubleFunction<MirrorStats.Target> value) {
    counter(
        "duration.histogram",
        "Responses to captured requests that took no longer than le seconds",
        Tags.of("side", side, "le", bound),
        value);
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }

  private void counter(
      String name, String description, Tags more, ToDoubleFunction<MirrorStats.Target> value) {
    FunctionCounter.builder(PREFIX + name, mirror, meter(value))
        .description(description)
        .tags(tags)
        .tags(more)
        .register(registry);
  }

  private Gauge.Builder<Mirror> gauge(
      String name, String description, ToDoubleFunction<MirrorStats.Target> value) {
    return Gauge.builder(PREFIX + name, mirror, meter(value)).description(description).tags(tags);
  }

  private ToDoubleFunction<Mirror> meter(ToDoubleFunction<MirrorStats.Target> value) {
    return snapshots.meter(snapshot -> value.applyAsDouble(snapshot.stats().targets().get(index)));
  }
}
