package io.github.requestmirror.benchmarks.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.benchmarks.process.Secondary;
import io.github.requestmirror.benchmarks.report.Results;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The report pairs samples by round, and compares them with the limits. */
class GatewayReportTest {
  @TempDir Path directory;

  private final List<Sample> samples = new ArrayList<>();

  /** Adds three forks of two rounds, whose rounds differ by more than the variants do. */
  private void add(String scenario, Variant variant, String secondary, double cpu) {
    for (int fork = 0; fork < 3; fork++) {
      for (int round = 0; round < 2; round++) {
        Sample.Builder sample =
            new Sample.Builder(scenario, variant, secondary, 16 << 10, fork, round);
        sample.cpu = cpu + 1000 * fork + 100 * round;
        sample.requestsPerSecond = 10_000;
        sample.p50 = sample.cpu;
        sample.p90 = sample.cpu;
        sample.p99 = sample.cpu;
        sample.p999 = sample.cpu;
        sample.allocated = variant.hasMirror() ? 20_000 + (16 << 10) : 17_000;
        sample.delivered = 1;
        sample.full = 0;
        sample.stalledConnections = 0;
        samples.add(sample.build());
      }
    }
  }

  @Test
  void reportComparesVariantsOfTheSameRound() throws Exception {
    add("saturated", Variant.JETTY, "healthy", 100);
    add("saturated", Variant.FILTER, "healthy", 130);
    add("saturated", Variant.NGINX, "healthy", 20);
    add("saturated", Variant.NGINX_MIRROR, "healthy", 30);
    add("paced", Variant.JETTY, "healthy", 100);
    add("paced", Variant.FILTER, "healthy", 110);
    add("paced", Variant.ENVOY_JETTY, "healthy", 200);
    add("sustained", Variant.FILTER, "healthy", 130);
    for (String secondary : Secondary.BEHAVIOURS) {
      add("fault", Variant.JETTY, secondary, 100);
      add("fault", Variant.FILTER, secondary, 101);
    }

    new GatewayReport(samples, List.of("Envoy"), "a test")
        .write(new Results(directory, "gateway"), true);

    assertThat(Files.readString(directory.resolve("gateway.md")))
        .contains(
            "Missing on this machine: Envoy.",
            "| added CPU, filter / nginx's own mirror, 16 KB | 3.00 | at most 2.30 | 1.00 | **no** |",
            "| added p50, filter / Envoy in front, fixed rate, 16 KB | 0.10 | at most 0.15 |",
            "| throughput of none, filter, secondary hung | 1.00 | at least 0.95 |  | yes |",
            "| allocated above the body, filter, 16 KB | 3000 B | at most 4096 B | 2048 B | yes |",
            "| copies sent per request, filter, saturated for long, 16 KB | 1.00 | at least 0.99 |");
    assertThat(directory)
        .isDirectoryContaining("glob:**/gateway.json")
        .isDirectoryContaining("glob:**/cpu-16384.png")
        .isDirectoryContaining("glob:**/latency-16384.png")
        .isDirectoryContaining("glob:**/faults.png");
  }
}
