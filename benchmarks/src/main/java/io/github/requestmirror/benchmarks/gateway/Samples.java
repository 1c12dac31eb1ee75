package io.github.requestmirror.benchmarks.gateway;

import io.github.requestmirror.benchmarks.report.Spread;
import java.util.List;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;

/**
 * The samples of one scenario, size and behaviour of the secondary. Differences and ratios are
 * those of samples from the same round.
 */
final class Samples {
  private final List<Sample> all;

  Samples(List<Sample> all, String scenario, String secondary, int bodyBytes) {
    this.all =
        all.stream()
            .filter(
                sample ->
                    sample.scenario().equals(scenario)
                        && sample.secondary().equals(secondary)
                        && sample.bodyBytes() == bodyBytes)
            .toList();
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  /** Returns the variants that were measured, in the order of the enum. */
  List<Variant> variants() {
    return List.of(Variant.values()).stream().filter(variant -> !of(variant).isEmpty()).toList();
  }

  boolean has(Variant variant) {
    return !of(variant).isEmpty();
  }

  private List<Sample> of(Variant variant) {
    return all.stream().filter(sample -> sample.variant().equals(variant.option())).toList();
  }

  Spread spread(Variant variant, ToDoubleFunction<Sample> value) {
    Spread.Collector values = new Spread.Collector();
    of(variant).forEach(sample -> values.add(sample.fork(), value.applyAsDouble(sample)));
    return values.spread();
  }

  /** Returns a value of two variants, from the same round. Empty if one was not measured. */
  Spread paired(Variant variant, Variant other, ToDoubleBiFunction<Sample, Sample> value) {
    Spread.Collector values = new Spread.Collector();
    for (Sample sample : of(variant)) {
      Sample pair = pair(sample, other);
      if (pair != null) {
        values.add(sample.fork(), value.applyAsDouble(sample, pair));
      }
    }
    return values.spread();
  }

  /**
   * Returns what a variant adds, divided by what another one adds, each to the gateway without a
   * mirror.
   */
  Spread addedRatio(Variant variant, Variant other, ToDoubleFunction<Sample> value) {
    return paired(
        variant,
        other,
        (sample, pair) -> added(sample, variant, value) / added(pair, other, value));
  }

  private double added(Sample sample, Variant variant, ToDoubleFunction<Sample> value) {
    Sample base = pair(sample, variant.withoutMirror());
    return base == null ? Double.NaN : value.applyAsDouble(sample) - value.applyAsDouble(base);
  }

  private Sample pair(Sample sample, Variant other) {
    return all.stream()
        .filter(
            candidate ->
                candidate.variant().equals(other.option())
                    && candidate.fork() == sample.fork()
                    && candidate.round() == sample.round())
        .findFirst()
        .orElse(null);
  }
}
