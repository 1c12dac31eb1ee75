package io.github.requestmirror.micrometer;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.Outcome;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Locale;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/**
 * Registers the statistics of a mirror with Micrometer: a counter for each target and outcome, and
 * gauges of what is pending. The meters read the mirror's statistics when the registry is scraped;
 * nothing runs in between. Thread-safe.
 *
 * <pre>{@code
 * new MirrorMetrics(mirror).bindTo(registry);
 * }</pre>
 */
public final class MirrorMetrics implements MeterBinder {
  private final Mirror mirror;

  /**
   * Makes a binder of a mirror's statistics.
   *
   * @param mirror the mirror, which may be closed while its meters are still registered
   */
  public MirrorMetrics(Mirror mirror) {
    this.mirror = Objects.requireNonNull(mirror, "mirror");
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    for (MirrorStats.Target target : mirror.stats().targets()) {
      bind(registry, target.name());
    }
  }

  private void bind(MeterRegistry registry, String target) {
    for (Outcome outcome : Outcome.values()) {
      FunctionCounter.builder(
              "http.mirror.requests", mirror, m -> m.stats().target(target).count(outcome))
          .description("Requests by the outcome of their copy")
          .tag("target", target)
          .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
          .tag("kind", outcome.kind().name().toLowerCase(Locale.ROOT))
          .register(registry);
    }
    FunctionCounter.builder("http.mirror.retries", mirror, m -> m.stats().target(target).retries())
        .description("Copies sent again")
        .tag("target", target)
        .register(registry);
    FunctionCounter.builder(
            "http.mirror.reencoded", mirror, m -> m.stats().target(target).reencoded())
        .description("Copies of forms that were encoded again")
        .tag("target", target)
        .register(registry);
    gauge("pending", "Requests without an outcome yet", target, MirrorStats.Target::pending)
        .register(registry);
    gauge("queued", "Copies that wait to be sent", target, MirrorStats.Target::queued)
        .register(registry);
    gauge(
            "in.flight",
            "Copies sent that have no response yet",
            target,
            MirrorStats.Target::inFlight)
        .register(registry);
    gauge("buffered", "Memory held by copies", target, MirrorStats.Target::bufferedBytes)
        .baseUnit("bytes")
        .register(registry);
    gauge(
            "up",
            "1 while the target takes copies, 0 while the circuit breaker is open",
            target,
            stats -> stats.up() ? 1 : 0)
        .register(registry);
  }

  private Gauge.Builder<Mirror> gauge(
      String name, String description, String target, ToDoubleFunction<MirrorStats.Target> value) {
    return Gauge.builder(
            "http.mirror." + name, mirror, m -> value.applyAsDouble(m.stats().target(target)))
        .description(description)
        .tag("target", target);
  }
}
