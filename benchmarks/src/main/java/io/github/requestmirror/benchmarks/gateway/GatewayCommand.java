package io.github.requestmirror.benchmarks.gateway;

import io.github.requestmirror.benchmarks.process.Envoy;
import io.github.requestmirror.benchmarks.process.Secondary;
import io.github.requestmirror.benchmarks.report.Results;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Compares gateways with and without a mirror. */
@Command(
    name = "gateway",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Compares gateways with and without a mirror. All are alive at once and take turns; they run on",
      "one CPU, the load and the clusters on another."
    })
public final class GatewayCommand implements Callable<Integer> {
  @Option(names = "--before", description = "Class path of an older version to compare with.")
  private String before;

  @Option(
      names = "--variants",
      split = ",",
      description =
          "Of jetty, filter, naive, targets-2, targets-3, targets-4, gateway, gateway-mirror, nginx,"
              + " nginx-mirror, envoy, envoy-mirror, envoy-jetty. A variant without a mirror is"
              + " added for each with one. Default: all.")
  private List<String> variants = Stream.of(Variant.values()).map(Variant::option).toList();

  @Option(
      names = "--scenarios",
      split = ",",
      description = "Of saturated, paced, faults, sustained. Default: all.")
  private List<String> scenarios = List.of("saturated", "paced", "faults", "sustained");

  @Option(
      names = "--secondaries",
      split = ",",
      description =
          "For the faults, of hung, slow, refusing, never-reading. 'healthy' alone skips the"
              + " faults. Default: all.")
  private List<String> secondaries = Secondary.BEHAVIOURS;

  @Option(names = "--sizes", split = ",", description = "Of bodies. Default: 16384,131072.")
  private List<Integer> sizes = List.of(16 << 10, 128 << 10);

  @Option(names = "--forks", defaultValue = "3", description = "Starts of all JVMs. Default: 3.")
  private int forks;

  @Option(names = "--rounds", defaultValue = "5", description = "Rounds per fork. Default: 5.")
  private int rounds;

  @Option(names = "--seconds", defaultValue = "3", description = "Of a measurement. Default: 3.")
  private int seconds;

  @Option(
      names = "--fault-rounds",
      defaultValue = "3",
      description =
          "Rounds per fork for each fault, after one in which the JIT compiler meets it for the"
              + " first time. Default: 3.")
  private int faultRounds;

  @Option(
      names = "--sustained-seconds",
      defaultValue = "30",
      description = "Of the sustained load, the first third is not counted. Default: 30.")
  private int sustainedSeconds;

  @Option(
      names = "--warm-up",
      defaultValue = "12",
      description =
          "The least seconds per JVM and size. A JVM that still compiles gets more, at most ten times"
              + " as much. Default: 12.")
  private int warmUp;

  @Option(
      names = "--rate",
      defaultValue = "0",
      description =
          "Requests/s of the open loop. Default: 60 %% of what the slowest variant has reached when"
              + " it was warmed up.")
  private double rate;

  @Option(names = "--envoy", description = "The program. Default: none, Envoy is left out.")
  private Path envoy = Path.of("envoy-is-missing");

  @Option(names = "--output", required = true, description = "Folder for the results.")
  private Path output;

  public static void main(String[] args) {
    System.exit(new CommandLine(new GatewayCommand()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    Results results = new Results(output, "gateway");
    Path directory = Files.createDirectories(results.file("work"));
    Envoy peer = new Envoy(envoy.toAbsolutePath());
    List<String> missing = new ArrayList<>();
    List<Variant> present = present(peer, missing);
    List<Sample> samples = new ArrayList<>();
    for (int fork = 0; fork < forks; fork++) {
      Gateways gateways = new Gateways(directory, peer, before, "1g");
      try (Fork measured =
          new Fork(fork, seconds, directory, gateways, present, sizes, samples::add)) {
        measured.warmUp(warmUp);
        run(measured);
      }
      // What has been measured is not lost if a later fork fails.
      new GatewayReport(samples, missing, settings()).write(results, fork == forks - 1);
    }
    return 0;
  }

  private void run(Fork fork) throws Exception {
    for (int round = 0; round < rounds; round++) {
      if (scenarios.contains("saturated")) {
        fork.saturated(round);
      }
      if (scenarios.contains("paced")) {
        fork.paced(round, rate);
      }
    }
    if (scenarios.contains("faults")) {
      faults(fork, Sample.FIRST_FAULT, 1);
      faults(fork, Sample.FAULT, faultRounds);
    }
    if (scenarios.contains("sustained")) {
      fork.sustained(sustainedSeconds);
    }
  }

  private void faults(Fork fork, String scenario, int rounds) throws Exception {
    for (String secondary : secondaries) {
      if (!secondary.equals("healthy")) {
        fork.fault(scenario, secondary, rounds);
      }
    }
  }

  private String settings() {
    return forks + " forks, " + rounds + " rounds of " + seconds + " s, bodies of " + sizes + " B";
  }

  private List<Variant> present(Envoy peer, List<String> missing) {
    List<Variant> wanted = new ArrayList<>();
    for (String name : variants) {
      Variant variant = Variant.of(name);
      if (variant == Variant.BEFORE && before == null) {
        continue;
      }
      boolean isMissing =
          (variant.hasEnvoy() && !peer.isPresent()) || (variant.hasNginx() && !isOnPath("nginx"));
      if (isMissing) {
        missing.add(variant.label());
      } else {
        wanted.add(variant);
      }
    }
    return Stream.of(Variant.values())
        .filter(
            variant ->
                wanted.contains(variant)
                    || wanted.stream().anyMatch(other -> other.withoutMirror() == variant))
        .toList();
  }

  private static boolean isOnPath(String program) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }
}
