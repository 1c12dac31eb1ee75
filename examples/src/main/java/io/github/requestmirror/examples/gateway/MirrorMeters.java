package io.github.requestmirror.examples.gateway;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.Outcome;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Shows the statistics of a mirror as meters. They are read when somebody looks. */
final class MirrorMeters implements MeterBinder {
  private final Mirror mirror;

  MirrorMeters(Mirror mirror) {
    this.mirror = mirror;
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
          .description("Requests by what became of their copy")
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
        .description("Bodies that mean the same but are not the client's bytes")
        .tag("target", target)
        .register(registry);
    gauge("pending", "Requests that have not ended", target, MirrorStats.Target::pending)
        .register(registry);
    gauge("queued", "Copies that wait to be sent", target, MirrorStats.Target::queued)
        .register(registry);
    gauge("in.flight", "Copies sent, not answered", target, MirrorStats.Target::inFlight)
        .register(registry);
    gauge("buffered", "Memory held by copies", target, MirrorStats.Target::bufferedBytes)
        .baseUnit("bytes")
        .register(registry);
    gauge("up", "1 while copies are sent", target, stats -> stats.up() ? 1 : 0).register(registry);
  }

  private Gauge.Builder<Mirror> gauge(
      String name, String description, String target, ToDoubleFunction<MirrorStats.Target> value) {
    return Gauge.builder(
            "http.mirror." + name, mirror, m -> value.applyAsDouble(m.stats().target(target)))
        .description(description)
        .tag("target", target);
  }
}
