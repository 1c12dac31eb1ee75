package io.github.requestmirror.benchmarks.micro;

import io.github.requestmirror.benchmarks.report.Bars;
import io.github.requestmirror.benchmarks.report.Charts;
import io.github.requestmirror.benchmarks.report.Machine;
import io.github.requestmirror.benchmarks.report.MarkdownTable;
import io.github.requestmirror.benchmarks.report.Results;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/** The results of JMH as a table and plots, with the ratios that must hold. */
final class MicroReport {
  private static final String BYTES = "gc.alloc.rate.norm";
  private static final String UNWANTED = UnwantedRequestBenchmark.class.getSimpleName() + ".";
  private static final List<String> LIMITED =
      List.of("denied", "notSampled", "breakerOpen", "noRoom");

  /** A benchmark with its parameters. */
  private record Measured(String name, double time, double error, String unit, double bytes) {}

  private final Map<String, Measured> all = new LinkedHashMap<>();

  MicroReport(Collection<RunResult> runs) {
    for (RunResult run : runs) {
      Result<?> time = run.getPrimaryResult();
      Result<?> bytes = run.getSecondaryResults().get(BYTES);
      String name = name(run.getParams());
      all.put(
          name,
          new Measured(
              name,
              time.getScore(),
              time.getScoreError(),
              time.getScoreUnit(),
              bytes == null ? Double.NaN : bytes.getScore()));
    }
  }

  private static String name(BenchmarkParams params) {
    String[] parts = params.getBenchmark().split("\\.");
    List<String> values = new ArrayList<>();
    params.getParamsKeys().forEach(key -> values.add(key + " " + params.getParam(key)));
    String name = parts[parts.length - 2] + "." + parts[parts.length - 1];
    return values.isEmpty() ? name : name + " (" + String.join(", ", values) + ")";
  }

  void write(Results results) throws IOException {
    MarkdownTable table = new MarkdownTable("benchmark", "time", "error", "unit", "allocated B");
    for (Measured measured : all.values()) {
      table.row(
          measured.name(),
          format("%.3f", measured.time()),
          format("%.3f", measured.error()),
          measured.unit(),
          format("%.1f", measured.bytes()));
    }
    String text = "# Single steps\n\n" + Machine.here() + "\n\n" + unwanted() + bars() + table;
    plot(results);
    results.markdown(text);
  }

  /** Requests that are not mirrored, compared with those that the policy does not match. */
  private String unwanted() {
    Measured base = all.get(UNWANTED + "notMatched");
    if (base == null) {
      return "";
    }
    MarkdownTable table =
        new MarkdownTable("not mirrored", "ns", "of not matched", "allocated B", "more B");
    for (Measured measured : all.values()) {
      if (measured.name().startsWith(UNWANTED)) {
        table.row(
            measured.name().substring(UNWANTED.length()),
            format("%.1f", measured.time()),
            format("%.2f", measured.time() / base.time()),
            format("%.1f", measured.bytes()),
            format("%.1f", measured.bytes() - base.bytes()));
      }
    }
    return "## Requests that are not mirrored\n\n" + table;
  }

  private String bars() {
    Bars bars = new Bars();
    Measured base = all.get(UNWANTED + "notMatched");
    for (String kind : LIMITED) {
      Measured measured = all.get(UNWANTED + kind);
      if (base != null && measured != null) {
        double more = Math.rint(measured.bytes() - base.bytes());
        bars.atMost(
            kind + ", time of not matched", measured.time() / base.time(), 2, Double.NaN, "");
        bars.atMost(kind + ", bytes more than not matched", more, 0, Double.NaN, "B");
      }
    }
    return bars.markdown();
  }

  private void plot(Results results) throws IOException {
    Map<String, Map<String, Map<String, Double>>> plots = new LinkedHashMap<>();
    for (Measured measured : all.values()) {
      String group = measured.name().substring(0, measured.name().indexOf('.'));
      plots
          .computeIfAbsent(group, name -> new LinkedHashMap<>())
          .put(
              measured.name().substring(group.length() + 1),
              Map.of(measured.unit(), measured.time()));
    }
    for (Map.Entry<String, Map<String, Map<String, Double>>> plot : plots.entrySet()) {
      Charts.bars(results.file(plot.getKey() + ".png"), plot.getKey(), "time", plot.getValue());
    }
  }

  private static String format(String format, double value) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, format, value);
  }
}
