package io.github.requestmirror.benchmarks.gateway;

import io.github.requestmirror.benchmarks.process.Secondary;
import io.github.requestmirror.benchmarks.report.Bars;
import io.github.requestmirror.benchmarks.report.Machine;
import io.github.requestmirror.benchmarks.report.MarkdownTable;
import io.github.requestmirror.benchmarks.report.Results;
import io.github.requestmirror.benchmarks.report.Spread;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The samples of gateways as tables, plots and JSON. */
final class GatewayReport {
  private final List<Sample> samples;
  private final List<String> missing;
  private final String settings;

  GatewayReport(List<Sample> samples, List<String> missing, String settings) {
    this.samples = samples;
    this.missing = missing;
    this.settings = settings;
  }

  /**
   * @param last whether this is the final report, which has plots
   */
  void write(Results results, boolean last) throws IOException {
    Bars bars = new GatewayBars(samples).bars();
    results.json(
        Map.of("settings", settings, "missing", missing, "bars", bars.all(), "samples", samples));
    if (!last) {
      return;
    }
    StringBuilder text = new StringBuilder("# Gateways\n\n");
    text.append(Machine.here()).append("; ").append(settings).append(".\n\n");
    text.append("Gateways on one CPU, load and clusters on the other. Values are medians of the");
    text.append(" medians of the forks [range of all rounds]. What a mirror adds is the");
    text.append(" difference to the same gateway without one in the same round. No run is left");
    text.append(" out.\n\n");
    if (!missing.isEmpty()) {
      text.append("Missing on this machine: ").append(String.join(", ", missing)).append(".\n\n");
    }
    text.append(bars.markdown());
    List<Integer> sizes = samples.stream().map(Sample::bodyBytes).distinct().sorted().toList();
    for (int size : sizes) {
      text.append(saturated(size));
    }
    for (int size : sizes) {
      text.append(paced(size));
    }
    for (String secondary : Secondary.BEHAVIOURS) {
      for (int size : sizes) {
        text.append(fault(Sample.FAULT, secondary, size));
      }
    }
    for (String secondary : Secondary.BEHAVIOURS) {
      for (int size : sizes) {
        text.append(fault(Sample.FIRST_FAULT, secondary, size));
      }
    }
    for (int size : sizes) {
      text.append(sustained(size));
    }
    new GatewayPlots(samples).write(results, sizes);
    results.markdown(text.toString());
  }

  static String kilobytes(int size) {
    return (size >> 10) + " KB";
  }

  private static Spread added(Samples of, Variant variant, ToDoubleFunction<Sample> value) {
    return variant.hasMirror()
        ? of.paired(
            variant,
            variant.withoutMirror(),
            (with, without) -> value.applyAsDouble(with) - value.applyAsDouble(without))
        : new Spread.Collector().spread();
  }

  private static Spread ratio(Samples of, Variant variant, ToDoubleFunction<Sample> value) {
    return variant.hasMirror()
        ? of.paired(
            variant,
            variant.withoutMirror(),
            (with, without) -> value.applyAsDouble(with) / value.applyAsDouble(without))
        : new Spread.Collector().spread();
  }

  private String saturated(int size) {
    Samples of = new Samples(samples, "saturated", "healthy", size);
    MarkdownTable table =
        new MarkdownTable(
            "gateway",
            "n",
            "req/s",
            "CPU us/request",
            "JIT us/request",
            "mirror / none",
            "added us",
            "p50 us",
            "p99 us",
            "allocated B/request",
            "added B",
            "delivered",
            "no room",
            "drained ms");
    for (Variant variant : of.variants()) {
      Spread cpu = of.spread(variant, Sample::cpu);
      table.row(
          variant.label(),
          cpu.n(),
          of.spread(variant, Sample::requestsPerSecond).text(0),
          cpu.text(1),
          variant.isJvm() ? of.spread(variant, Sample::jit).text(1) : "",
          ratio(of, variant, Sample::cpu).text(2),
          added(of, variant, Sample::cpu).text(1),
          of.spread(variant, Sample::p50).text(0),
          of.spread(variant, Sample::p99).text(0),
          of.spread(variant, Sample::allocated).text(0),
          added(of, variant, Sample::allocated).text(0),
          of.spread(variant, Sample::delivered).text(3),
          of.spread(variant, Sample::full).text(0),
          variant.hasMirror() ? of.spread(variant, Sample::drainMillis).text(0) : "");
    }
    return section(of, "Saturated, healthy secondary, " + kilobytes(size), table);
  }

  private String paced(int size) {
    Samples of = new Samples(samples, "paced", "healthy", size);
    MarkdownTable table =
        new MarkdownTable(
            "gateway",
            "n",
            "req/s",
            "p50 us",
            "added p50",
            "p90 us",
            "p99 us",
            "p99.9 us",
            "longest ms",
            "CPU us/request",
            "delivered");
    for (Variant variant : of.variants()) {
      Spread p50 = of.spread(variant, Sample::p50);
      table.row(
          variant.label(),
          p50.n(),
          of.spread(variant, Sample::requestsPerSecond).text(0),
          p50.text(0),
          added(of, variant, Sample::p50).text(0),
          of.spread(variant, Sample::p90).text(0),
          of.spread(variant, Sample::p99).text(0),
          of.spread(variant, Sample::p999).text(0),
          of.spread(variant, Sample::longestWaitMillis).text(1),
          of.spread(variant, Sample::cpu).text(1),
          of.spread(variant, Sample::delivered).text(3));
    }
    String title = "Fixed rate, latency from the intended time, " + kilobytes(size);
    return section(of, title, table);
  }

  private String fault(String scenario, String secondary, int size) {
    Samples of = new Samples(samples, scenario, secondary, size);
    MarkdownTable table =
        new MarkdownTable(
            "gateway",
            "n",
            "req/s",
            "of none",
            "CPU us/request",
            "longest wait ms",
            "stalled connections",
            "failures",
            "p99 us",
            "pending copies");
    for (Variant variant : of.variants()) {
      Spread rate = of.spread(variant, Sample::requestsPerSecond);
      table.row(
          variant.label(),
          rate.n(),
          rate.text(0),
          ratio(of, variant, Sample::requestsPerSecond).text(2),
          of.spread(variant, Sample::cpu).text(1),
          of.spread(variant, Sample::longestWaitMillis).text(0),
          of.spread(variant, Sample::stalledConnections).text(0),
          of.spread(variant, Sample::failures).text(0),
          of.spread(variant, Sample::p99).text(0),
          of.spread(variant, Sample::backlog).text(0));
    }
    String first = scenario.equals(Sample.FIRST_FAULT) ? " for the first time" : "";
    return section(of, "Saturated, secondary " + secondary + first + ", " + kilobytes(size), table);
  }

  private String sustained(int size) {
    Samples of = new Samples(samples, "sustained", "healthy", size);
    MarkdownTable table =
        new MarkdownTable(
            "gateway",
            "n",
            "req/s",
            "copies/request",
            "no room",
            "largest backlog",
            "CPU us/request",
            "longest wait ms");
    for (Variant variant : of.variants()) {
      Spread copies = of.spread(variant, Sample::delivered);
      table.row(
          variant.label(),
          copies.n(),
          of.spread(variant, Sample::requestsPerSecond).text(0),
          copies.text(3),
          of.spread(variant, Sample::full).text(0),
          of.spread(variant, Sample::backlog).text(0),
          of.spread(variant, Sample::cpu).text(1),
          of.spread(variant, Sample::longestWaitMillis).text(0));
    }
    return section(of, "Saturated for long, after the first third, " + kilobytes(size), table);
  }

  private static String section(Samples of, String title, MarkdownTable table) {
    return of.isEmpty() ? "" : "## " + title + "\n\n" + table;
  }
}
