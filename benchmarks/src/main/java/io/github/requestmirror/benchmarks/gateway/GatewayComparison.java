package io.github.requestmirror.benchmarks.gateway;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Compares gateways with and without a mirror: Jetty's proxy with this library, with an older
 * version of it, and nginx. All are alive at once and take turns; the gateways run on one CPU, the
 * load and the clusters on another.
 */
@Command(name = "gateway", mixinStandardHelpOptions = true, sortOptions = false)
public final class GatewayComparison implements Callable<Integer> {
  private static final int GATEWAY_CPU = 0;
  private static final int LOAD_CPU = 1;

  @Option(names = "--before", description = "Class path of an older version to compare with.")
  private String before;

  @Option(names = "--forks", defaultValue = "2", description = "Starts of all JVMs. Default: 2.")
  private int forks;

  @Option(names = "--rounds", defaultValue = "8", description = "Rounds per fork. Default: 8.")
  private int rounds;

  @Option(names = "--seconds", defaultValue = "3", description = "Of a measurement. Default: 3.")
  private int seconds;

  @Option(names = "--warm-up", defaultValue = "12", description = "Seconds per JVM. Default: 12.")
  private int warmUp;

  @Option(names = "--output", required = true, description = "File for the Markdown tables.")
  private Path output;

  private final Map<Integer, Report> saturated = new LinkedHashMap<>();
  private final Report paced = new Report("16 KB, 1000 requests/s");
  private final List<String> systemCalls = new ArrayList<>();
  private Path directory;
  private ServerProcess primary;
  private ServerProcess secondary;

  public static void main(String[] args) {
    System.exit(new CommandLine(new GatewayComparison()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    directory = output.toAbsolutePath().resolveSibling("gateway-comparison");
    Files.createDirectories(directory);
    saturated.put(16 * 1024, new Report("16 KB, saturated"));
    saturated.put(128 * 1024, new Report("128 KB, saturated"));
    for (int fork = 0; fork < forks; fork++) {
      measureFork(fork);
    }
    StringBuilder text = new StringBuilder();
    saturated.values().forEach(report -> text.append(report.table()));
    text.append(paced.table());
    systemCalls.forEach(line -> text.append(line).append("\n"));
    Files.writeString(output, text);
    return 0;
  }

  private void measureFork(int fork) throws Exception {
    Map<Variant, ServerProcess> gateways = new EnumMap<>(Variant.class);
    try (ServerProcess first = Nginx.sink("primary", directory, LOAD_CPU);
        ServerProcess second = Nginx.sink("secondary", directory, LOAD_CPU)) {
      primary = first;
      secondary = second;
      for (Variant variant : Variant.values()) {
        if (variant != Variant.JETTY_WITH_OLDER_MIRROR || before != null) {
          gateways.put(variant, start(variant));
        }
      }
      Map<Integer, Map<Variant, Long>> requests = warmUp(gateways);
      for (Variant variant : gateways.keySet()) {
        if (variant.isJvm()) {
          gateways.get(variant).pin(GATEWAY_CPU, LOAD_CPU);
        }
      }
      for (int round = 0; round < rounds; round++) {
        int id = fork * rounds + round;
        for (Map.Entry<Integer, Report> scenario : saturated.entrySet()) {
          Load load = new Load(directory, scenario.getKey());
          for (Variant variant : turns(gateways.keySet(), round)) {
            long count = requests.get(load.bodyBytes()).get(variant);
            scenario.getValue().add(measure(variant, gateways.get(variant), load, count, 0, id));
          }
        }
        if (round % 2 == 0) {
          Load load = new Load(directory, 16 * 1024);
          for (Variant variant : turns(gateways.keySet(), round / 2)) {
            long count = 1000L * 2 * seconds;
            paced.add(measure(variant, gateways.get(variant), load, count, 1000, id));
          }
        }
      }
      for (Variant variant : gateways.keySet()) {
        if (variant.isJvm() && variant.hasMirror()) {
          countSystemCalls(variant, gateways.get(variant));
        }
      }
    } finally {
      gateways.values().forEach(ServerProcess::close);
    }
  }

  /** Returns the variants in an order that is reversed every other round. */
  private static List<Variant> turns(Set<Variant> variants, int round) {
    List<Variant> turns = new ArrayList<>(variants);
    if (round % 2 == 1) {
      Collections.reverse(turns);
    }
    return turns;
  }

  /** Returns the number of requests for a measurement, for each size and gateway. */
  private Map<Integer, Map<Variant, Long>> warmUp(Map<Variant, ServerProcess> gateways)
      throws Exception {
    Map<Integer, Map<Variant, Long>> requests = new LinkedHashMap<>();
    for (int bodyBytes : saturated.keySet()) {
      Load load = new Load(directory, bodyBytes);
      Map<Variant, Long> counts = new EnumMap<>(Variant.class);
      for (Map.Entry<Variant, ServerProcess> gateway : gateways.entrySet()) {
        int time = gateway.getKey().isJvm() ? warmUp : 1;
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(time);
        double rate = 0;
        do {
          rate = load.send(gateway.getValue().port(), 4000, 0, LOAD_CPU).requestsPerSecond();
        } while (System.nanoTime() < end);
        counts.put(gateway.getKey(), (long) (rate * seconds));
      }
      requests.put(bodyBytes, counts);
    }
    return requests;
  }

  private Sample measure(
      Variant variant,
      ServerProcess gateway,
      Load load,
      long requests,
      double requestsPerSecond,
      int round)
      throws Exception {
    long[] counters = variant.isJvm() ? gateway.ask() : new long[4];
    long received = Nginx.requests(secondary);
    long cpu = gateway.cpuNanos();
    Load.Result result = load.send(gateway.port(), requests, requestsPerSecond, LOAD_CPU);
    long end = System.nanoTime();
    long[] after = variant.isJvm() ? gateway.ask() : new long[4];
    while (variant.isJvm() && after[3] > 0) {
      TimeUnit.MILLISECONDS.sleep(5);
      after = gateway.ask();
    }
    double drained = (System.nanoTime() - end) / 1e6;
    cpu = gateway.cpuNanos() - cpu;
    received = Nginx.requests(secondary) - received - 1;
    double[] latencies = result.latencies();
    Sample sample =
        new Sample(
            variant,
            round,
            cpu / 1e3 / requests,
            result.requestsPerSecond(),
            latencies[latencies.length / 2],
            latencies[latencies.length * 99 / 100],
            (double) (after[0] - counters[0]) / requests,
            (double) received / requests,
            drained);
    System.out.println(sample);
    return sample;
  }

  /** Counts the system calls of the mirror's threads at 200 requests/s. */
  private void countSystemCalls(Variant variant, ServerProcess gateway) throws Exception {
    List<String> threads =
        gateway.threadIds(name -> name.startsWith("mirror") || name.startsWith("httpclient"));
    Path log = directory.resolve("strace.log");
    List<String> command = new ArrayList<>(List.of("strace", "-c", "-o", log.toString()));
    threads.forEach(thread -> command.addAll(List.of("-p", thread)));
    long requests = 200L * 2 * seconds;
    Process strace = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      TimeUnit.SECONDS.sleep(1);
      new Load(directory, 16 * 1024).send(gateway.port(), requests, 200, LOAD_CPU);
    } finally {
      Commands.run("kill", "-INT", "" + strace.pid());
      strace.waitFor();
    }
    long calls = 0;
    List<String> kinds = new ArrayList<>();
    for (String line : Files.readAllLines(log)) {
      // Share of time, seconds, microseconds per call, calls, errors if any, name.
      String[] columns = line.trim().split("\\s+");
      String name = columns[columns.length - 1];
      if (columns.length > 4 && columns[3].matches("\\d+") && !name.equals("total")) {
        calls += Long.parseLong(columns[3]);
        kinds.add(name + " " + columns[3]);
      }
    }
    systemCalls.add(
        "%s: %.1f system calls per copy at 200/s (%s; %d copies)"
            .formatted(
                variant.label(), (double) calls / requests, String.join(", ", kinds), requests));
    System.out.println(systemCalls.get(systemCalls.size() - 1));
  }

  private ServerProcess start(Variant variant) throws IOException, InterruptedException {
    return switch (variant) {
      case JETTY, JETTY_WITH_MIRROR -> jetty(variant, System.getProperty("java.class.path"));
      case JETTY_WITH_OLDER_MIRROR -> jetty(variant, olderClassPath());
      case NGINX -> Nginx.gateway("nginx", directory, GATEWAY_CPU, primary.port(), 0);
      case NGINX_WITH_MIRROR ->
          Nginx.gateway(
              "nginx-with-mirror", directory, GATEWAY_CPU, primary.port(), secondary.port());
    };
  }

  private String olderClassPath() {
    return before
        + File.pathSeparator
        + Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !entry.matches(".*mirror-(core|servlet).*"))
            .collect(Collectors.joining(File.pathSeparator));
  }

  private ServerProcess jetty(Variant variant, String classPath) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms1g",
                "-Xmx1g",
                "-XX:+UseG1GC",
                // A compiler thread that ended would count as part of the gateway.
                "-XX:-UseDynamicNumberOfCompilerThreads",
                "-cp",
                classPath,
                BenchmarkGateway.class.getName(),
                "http://127.0.0.1:" + primary.port()));
    if (variant.hasMirror()) {
      command.add("http://127.0.0.1:" + secondary.port());
    }
    Path log = directory.resolve(variant + ".log");
    return ServerProcess.startJvm(variant.label(), new ProcessBuilder(command), log);
  }
}
