package io.github.requestmirror.benchmarks.gateway;

import io.github.requestmirror.benchmarks.process.Secondary;
import io.github.requestmirror.benchmarks.report.Charts;
import io.github.requestmirror.benchmarks.report.Results;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The medians of the gateways as plots. */
final class GatewayPlots {
  private final List<Sample> samples;

  GatewayPlots(List<Sample> samples) {
    this.samples = samples;
  }

  void write(Results results, List<Integer> sizes) throws IOException {
    for (int size : sizes) {
      cpu(results, size);
      latencies(results, size);
    }
    faults(results, sizes.get(0));
  }

  private void cpu(Results results, int size) throws IOException {
    Samples of = new Samples(samples, "saturated", "healthy", size);
    Map<String, Map<String, Double>> bars = new LinkedHashMap<>();
    for (Variant variant : of.variants()) {
      bars.put(variant.label(), Map.of("CPU us/request", of.spread(variant, Sample::cpu).median()));
    }
    if (!bars.isEmpty()) {
      String title = "CPU of a request, saturated, " + GatewayReport.kilobytes(size);
      Charts.bars(results.file("cpu-" + size + ".png"), title, "us", bars);
    }
  }

  private void latencies(Results results, int size) throws IOException {
    Samples of = new Samples(samples, "paced", "healthy", size);
    Map<String, double[][]> lines = new LinkedHashMap<>();
    for (Variant variant : of.variants()) {
      // The number of nines spreads the percentiles.
      lines.put(
          variant.label(),
          new double[][] {
            {0.3, of.spread(variant, Sample::p50).median()},
            {1, of.spread(variant, Sample::p90).median()},
            {2, of.spread(variant, Sample::p99).median()},
            {3, of.spread(variant, Sample::p999).median()}
          });
    }
    if (!lines.isEmpty()) {
      Charts.logLines(
          results.file("latency-" + size + ".png"),
          "Latency from the intended time, " + GatewayReport.kilobytes(size),
          "nines: p50, p90, p99, p99.9",
          "us",
          lines);
    }
  }

  private void faults(Results results, int size) throws IOException {
    Map<String, Map<String, Double>> bars = new LinkedHashMap<>();
    for (String secondary : Secondary.BEHAVIOURS) {
      Samples of = new Samples(samples, Sample.FAULT, secondary, size);
      for (Variant variant : of.variants()) {
        bars.computeIfAbsent(variant.label(), key -> new LinkedHashMap<>())
            .put(secondary, of.spread(variant, Sample::requestsPerSecond).median());
      }
    }
    if (!bars.isEmpty()) {
      Charts.bars(
          results.file("faults.png"), "Throughput with a faulty secondary", "requests/s", bars);
    }
  }
}
