package io.github.requestmirror.benchmarks.gateway;

import io.github.requestmirror.benchmarks.report.Bars;
import io.github.requestmirror.benchmarks.report.Spread;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The limits of this project for gateways. What was not measured has no row. */
final class GatewayBars {
  private static final int SMALL = 16 << 10;
  private static final int LARGE = 128 << 10;
  private static final List<Variant> FURTHER_TARGETS =
      List.of(Variant.FILTER, Variant.TARGETS_2, Variant.TARGETS_3, Variant.TARGETS_4);

  private final List<Sample> samples;
  private final Bars bars = new Bars();

  GatewayBars(List<Sample> samples) {
    this.samples = samples;
  }

  Bars bars() {
    Samples small = new Samples(samples, "saturated", "healthy", SMALL);
    Samples large = new Samples(samples, "saturated", "healthy", LARGE);
    atMost(
        "added CPU, filter / nginx's own mirror, 16 KB",
        small.addedRatio(Variant.FILTER, Variant.NGINX_MIRROR, Sample::cpu),
        2.3,
        1);
    atMost("CPU, filter / none, 16 KB", cpuRatio(small, Variant.FILTER), 1.35, 1.15);
    atMost("CPU, filter / none, 128 KB", cpuRatio(large, Variant.FILTER), 1.40, 1.15);
    atMost(
        "CPU, mirror-gateway / disabled, 16 KB",
        cpuRatio(small, Variant.GATEWAY_MIRROR),
        1.35,
        1.15);
    atMost(
        "CPU, mirror-gateway / disabled, 128 KB",
        cpuRatio(large, Variant.GATEWAY_MIRROR),
        1.40,
        1.15);
    sustained(SMALL);
    sustained(LARGE);
    atMost(
        "added CPU, filter / Envoy in front, 16 KB",
        small.addedRatio(Variant.FILTER, Variant.ENVOY_JETTY, Sample::cpu),
        0.15,
        0.1);
    atMost(
        "added p50, filter / Envoy in front, fixed rate, 16 KB",
        new Samples(samples, "paced", "healthy", SMALL)
            .addedRatio(Variant.FILTER, Variant.ENVOY_JETTY, Sample::p50),
        0.15,
        0.1);
    for (String secondary : List.of("hung", "slow", "refusing", "never-reading")) {
      fault(secondary);
    }
    allocation(small, SMALL);
    allocation(large, LARGE);
    furtherTargets(small);
    return bars;
  }

  private void atMost(String figure, Spread measured, double limit, double stretch) {
    if (measured.n() > 0) {
      bars.atMost(figure, measured.median(), limit, stretch, "");
    }
  }

  private static Spread cpuRatio(Samples of, Variant variant) {
    return of.paired(
        variant, variant.withoutMirror(), (with, without) -> with.cpu() / without.cpu());
  }

  private void sustained(int size) {
    Samples of = new Samples(samples, "sustained", "healthy", size);
    if (of.has(Variant.FILTER)) {
      String title = ", filter, saturated for long, " + GatewayReport.kilobytes(size);
      double copies = of.spread(Variant.FILTER, Sample::delivered).median();
      bars.atLeast("copies sent per request" + title, copies, 0.99, 1, "");
      double full = of.spread(Variant.FILTER, Sample::full).most();
      bars.atMost("copies without room" + title, full, 0, Double.NaN, "");
    }
  }

  private void fault(String secondary) {
    Samples of = new Samples(samples, Sample.FAULT, secondary, SMALL);
    if (of.has(Variant.FILTER)) {
      Spread rate =
          of.paired(
              Variant.FILTER,
              Variant.JETTY,
              (with, without) -> with.requestsPerSecond() / without.requestsPerSecond());
      String title = ", filter, secondary " + secondary;
      bars.atLeast("throughput of none" + title, rate.median(), 0.95, Double.NaN, "");
      Samples first = new Samples(samples, Sample.FIRST_FAULT, secondary, SMALL);
      double stalled = of.spread(Variant.FILTER, Sample::stalledConnections).most();
      if (first.has(Variant.FILTER)) {
        stalled =
            Math.max(stalled, first.spread(Variant.FILTER, Sample::stalledConnections).most());
      }
      bars.atMost("stalled connections" + title, stalled, 0, Double.NaN, "");
    }
  }

  private void allocation(Samples of, int size) {
    Spread added =
        of.paired(
            Variant.FILTER,
            Variant.JETTY,
            (with, without) -> with.allocated() - without.allocated() - size);
    if (added.n() > 0) {
      String figure = "allocated above the body, filter, " + GatewayReport.kilobytes(size);
      bars.atMost(figure, added.median(), 4096, 2048, "B");
    }
  }

  /** A further target should cost a send, and less than the first, which has the capture, too. */
  private void furtherTargets(Samples of) {
    for (int i = 1; i < FURTHER_TARGETS.size(); i++) {
      Variant with = FURTHER_TARGETS.get(i);
      Variant less = FURTHER_TARGETS.get(i - 1);
      double first = median(of, Variant.FILTER, Variant.JETTY, Sample::cpu);
      double further = median(of, with, less, Sample::cpu);
      if (!Double.isNaN(first) && !Double.isNaN(further)) {
        String title = "target " + with.copies() + " / the first";
        bars.atMost("added CPU, " + title, further / first, 1, Double.NaN, "");
        double bytes = median(of, with, less, Sample::allocated);
        bars.atMost("allocated by target " + with.copies(), bytes, 4096, 2048, "B");
      }
    }
  }

  private static double median(
      Samples of, Variant with, Variant without, ToDoubleFunction<Sample> value) {
    return of.paired(with, without, (a, b) -> value.applyAsDouble(a) - value.applyAsDouble(b))
        .median();
  }
}
