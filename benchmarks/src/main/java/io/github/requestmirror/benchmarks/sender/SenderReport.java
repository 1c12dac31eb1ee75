package io.github.requestmirror.benchmarks.sender;

import io.github.requestmirror.benchmarks.report.Charts;
import io.github.requestmirror.benchmarks.report.Machine;
import io.github.requestmirror.benchmarks.report.MarkdownTable;
import io.github.requestmirror.benchmarks.report.Results;
import io.github.requestmirror.benchmarks.report.Spread;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The samples of the senders as a table, a plot and JSON. Ratios are paired by round. */
final class SenderReport {
  private static final String FLOOR = "sockets";

  private final List<SenderSample> samples;
  private final Map<String, Map<String, Double>> systemCalls;

  SenderReport(List<SenderSample> samples, Map<String, Map<String, Double>> systemCalls) {
    this.samples = samples;
    this.systemCalls = systemCalls;
  }

  static String key(String sender, int bodyBytes) {
    return sender + ", " + (bodyBytes >> 10) + " KB";
  }

  void write(Results results) throws IOException {
    results.json(Map.of("samples", samples, "systemCallsPerRequest", systemCalls));
    Map<String, Map<String, Double>> bars = new LinkedHashMap<>();
    MarkdownTable table =
        new MarkdownTable(
            "sender",
            "n",
            "requests/s",
            "CPU us/request",
            "of it pipeline's thread",
            "of sockets",
            "more us",
            "allocated B/request",
            "delivered");
    for (String key : keys()) {
      Spread cpu = spread(key, SenderSample::cpu);
      bars.put(key, Map.of("CPU us/request", cpu.median()));
      table.row(
          key,
          cpu.n(),
          spread(key, SenderSample::requestsPerSecond).text(0),
          cpu.text(1),
          spread(key, SenderSample::pipelineCpu).text(1),
          spread(key, sample -> sample.cpu() / floor(sample)).text(2),
          spread(key, sample -> sample.cpu() - floor(sample)).text(1),
          spread(key, SenderSample::allocated).text(0),
          spread(key, SenderSample::delivered).text(3));
    }
    Charts.bars(results.file("cpu.png"), "CPU of a request", "us", bars);
    Charts.bars(results.file("system-calls.png"), "System calls per request", "calls", systemCalls);
    results.markdown(
        "# Sender alone\n\n"
            + Machine.here()
            + "\n\nMedians of the medians of the forks [range of all rounds]. "
            + "The CPU time includes the thread that makes the requests.\n\n"
            + table
            + calls());
  }

  private String calls() {
    MarkdownTable table = new MarkdownTable("sender", "system calls/request", "which");
    systemCalls.forEach(
        (key, calls) -> {
          double sum = calls.values().stream().mapToDouble(Double::doubleValue).sum();
          StringBuilder which = new StringBuilder();
          calls.forEach(
              (name, count) -> {
                if (count >= 0.01) {
                  which.append(String.format(Locale.ROOT, "%s %.2f ", name, count));
                }
              });
          table.row(key, String.format(Locale.ROOT, "%.2f", sum), which.toString().strip());
        });
    return "## System calls\n\nCounted by strace, which slows the program down.\n\n" + table;
  }

  private List<String> keys() {
    return samples.stream()
        .map(sample -> key(sample.sender(), sample.bodyBytes()))
        .distinct()
        .toList();
  }

  private Spread spread(String key, ToDoubleFunction<SenderSample> value) {
    Spread.Collector values = new Spread.Collector();
    for (SenderSample sample : samples) {
      if (key(sample.sender(), sample.bodyBytes()).equals(key)) {
        values.add(sample.fork(), value.applyAsDouble(sample));
      }
    }
    return values.spread();
  }

  /** Returns the CPU time of the floor in the same round. */
  private double floor(SenderSample sample) {
    return samples.stream()
        .filter(
            other ->
                other.sender().equals(FLOOR)
                    && other.bodyBytes() == sample.bodyBytes()
                    && other.fork() == sample.fork()
                    && other.round() == sample.round())
        .mapToDouble(SenderSample::cpu)
        .findFirst()
        .orElse(Double.NaN);
  }
}
