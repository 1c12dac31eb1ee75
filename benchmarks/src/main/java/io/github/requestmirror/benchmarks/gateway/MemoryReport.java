package io.github.requestmirror.benchmarks.gateway;

import io.github.requestmirror.benchmarks.load.LoadResult;
import io.github.requestmirror.benchmarks.report.Bars;
import io.github.requestmirror.benchmarks.report.Charts;
import io.github.requestmirror.benchmarks.report.Machine;
import io.github.requestmirror.benchmarks.report.MarkdownTable;
import io.github.requestmirror.benchmarks.report.Results;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The runs with a small heap as a table, plots over time and JSON. */
final class MemoryReport {
  private static final double MEBIBYTE = 1 << 20;

  private final List<MemoryRun> runs;
  private final String settings;

  MemoryReport(List<MemoryRun> runs, String settings) {
    this.runs = runs;
    this.settings = settings;
  }

  void write(Results results) throws IOException {
    Bars bars = bars();
    results.json(Map.of("settings", settings, "bars", bars.all(), "runs", runs));
    MarkdownTable table =
        new MarkdownTable(
            "gateway",
            "seconds",
            "req/s",
            "slowest second",
            "last tenth req/s",
            "longest wait ms",
            "stalled connections",
            "failures",
            "largest heap MiB",
            "largest resident MiB",
            "GC share");
    for (MemoryRun run : runs) {
      LoadResult load = run.load();
      table.row(
          Variant.of(run.variant()).label(),
          load.perSecond().length,
          number(load.requestsPerSecond()),
          Arrays.stream(load.perSecond()).min().orElse(0),
          number(lastTenth(load)),
          number(load.longestWaitMillis()),
          load.stalledConnections(),
          load.failures(),
          number(largest(run, MemoryRun.Second::heap) / MEBIBYTE),
          number(largest(run, MemoryRun.Second::resident) / MEBIBYTE),
          String.format(
              Locale.ROOT,
              "%.1f %%",
              run.seconds().stream().mapToLong(MemoryRun.Second::gcMillis).sum()
                  / 10.0
                  / run.seconds().size()));
    }
    plot(results);
    results.markdown(
        "# Small heap\n\n"
            + Machine.here()
            + "; "
            + settings
            + ". Saturated, 16 connections, one gateway after another.\n\n"
            + bars.markdown()
            + table);
  }

  private Bars bars() {
    Bars bars = new Bars();
    LoadResult none = load(Variant.JETTY);
    LoadResult filter = load(Variant.FILTER);
    if (none != null && filter != null) {
      double share = filter.requestsPerSecond() / none.requestsPerSecond();
      bars.atLeast("throughput of none, filter", share, 0.95, Double.NaN, "");
      bars.atMost("stalled connections, filter", filter.stalledConnections(), 0, Double.NaN, "");
      bars.atMost("longest wait, filter", filter.longestWaitMillis(), 1000, Double.NaN, "ms");
    }
    return bars;
  }

  private LoadResult load(Variant variant) {
    return runs.stream()
        .filter(run -> run.variant().equals(variant.option()))
        .map(MemoryRun::load)
        .findFirst()
        .orElse(null);
  }

  private static double lastTenth(LoadResult load) {
    long[] all = load.perSecond();
    int from = all.length - Math.max(1, all.length / 10);
    return Arrays.stream(all, from, all.length).average().orElse(0);
  }

  private static double largest(MemoryRun run, ToDoubleFunction<MemoryRun.Second> value) {
    return run.seconds().stream().mapToDouble(value).max().orElse(0);
  }

  private void plot(Results results) throws IOException {
    Map<String, double[][]> throughput = new LinkedHashMap<>();
    for (MemoryRun run : runs) {
      long[] perSecond = run.load().perSecond();
      double[][] points = new double[perSecond.length][];
      for (int i = 0; i < points.length; i++) {
        points[i] = new double[] {i, perSecond[i]};
      }
      throughput.put(Variant.of(run.variant()).label(), points);
    }
    Charts.lines(
        results.file("throughput.png"), "Throughput, " + settings, "s", "requests/s", throughput);
    plot(results, "heap", "MiB", second -> second.heap() / MEBIBYTE);
    plot(results, "gc", "ms of a second", second -> second.gcMillis());
  }

  private void plot(
      Results results, String name, String unit, ToDoubleFunction<MemoryRun.Second> value)
      throws IOException {
    Map<String, double[][]> lines = new LinkedHashMap<>();
    for (MemoryRun run : runs) {
      lines.put(
          Variant.of(run.variant()).label(),
          run.seconds().stream()
              .map(second -> new double[] {second.second(), value.applyAsDouble(second)})
              .toArray(double[][]::new));
    }
    Charts.lines(results.file(name + ".png"), name + ", " + settings, "s", unit, lines);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.0f", value);
  }
}
