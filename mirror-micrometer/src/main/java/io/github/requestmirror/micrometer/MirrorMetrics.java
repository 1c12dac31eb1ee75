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
 * Registers the statistics of a mirror with Micrometer: a counter per target and outcome, counters
 * of retries and re-encoded forms, and gauges of pending copies. The meters read the mirror's
 * statistics when they are read; there is no background work. Thread-safe.
 *
 * <pre>{@code
 * new MirrorMetrics(mirror).bindTo(registry);
 * }</pre>
 */
public final class MirrorMetrics implements MeterBinder {
  private final Mirror mirror;

  /**
   * Creates a binder for a mirror.
   *
   * @param mirror the mirror; it may be closed while its meters are registered
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
          .description("Requests offered to the mirror, by outcome")
          .tag("target", target)
          .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
          .tag("kind", outcome.kind().name().toLowerCase(Locale.ROOT))
          .register(registry);
    }
    FunctionCounter.builder("http.mirror.retries", mirror, m -> m.stats().target(target).retries())
        .description("Repeated attempts to send a copy")
        .tag("target", target)
        .register(registry);
    FunctionCounter.builder(
            "http.mirror.reencoded", mirror, m -> m.stats().target(target).reencoded())
        .description("Copies whose form body was re-encoded from its parameters")
        .tag("target", target)
        .register(registry);
    bodies(registry, target, "read", MirrorStats.Target::bodiesRead);
    bodies(registry, target, "unreadable", MirrorStats.Target::bodiesUnreadable);
    waiting(registry, target, "order", MirrorStats.Target::waitingForOrder);
    waiting(registry, target, "place", MirrorStats.Target::waitingForPlace);
    waiting(registry, target, "retry", MirrorStats.Target::waitingForRetry);
    gauge(
            "oldest",
            "How long the oldest copy has waited to be sent",
            target,
            stats -> stats.oldestWait().toNanos() / 1e9)
        .baseUnit("seconds")
        .register(registry);
    gauge("pending", "Requests without an outcome yet", target, MirrorStats.Target::pending)
        .register(registry);
    gauge("queued", "Copies waiting to be sent", target, MirrorStats.Target::queued)
        .register(registry);
    gauge(
            "in.flight",
            "Copies sent and waiting for a response",
            target,
            MirrorStats.Target::inFlight)
        .register(registry);
    gauge("buffered", "Memory held by copies", target, MirrorStats.Target::bufferedBytes)
        .baseUnit("bytes")
        .register(registry);
    gauge(
            "up",
            "1 while the circuit breaker is closed, 0 while it is open",
            target,
            stats -> stats.up() ? 1 : 0)
        .register(registry);
  }

  private void bodies(
      MeterRegistry registry,
      String target,
      String result,
      ToDoubleFunction<MirrorStats.Target> value) {
    FunctionCounter.builder(
            "http.mirror.bodies", mirror, m -> value.applyAsDouble(m.stats().target(target)))
        .description("Bodies that were read for the order of their copies")
        .tag("target", target)
        .tag("result", result)
        .register(registry);
  }

  private void waiting(
      MeterRegistry registry,
      String target,
      String reason,
      ToDoubleFunction<MirrorStats.Target> value) {
    gauge("waiting", "Copies that wait to be sent, by what they wait for", target, value)
        .tag("reason", reason)
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
