package io.github.requestmirror.benchmarks.gateway;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    directory = Files.createTempDirectory("gateway-comparison");
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
    List<ServerProcess> gateways = new ArrayList<>();
    try (ServerProcess first = Nginx.sink("primary", directory, LOAD_CPU);
        ServerProcess second = Nginx.sink("secondary", directory, LOAD_CPU)) {
      primary = first;
      secondary = second;
      gateways.add(jetty("Jetty", null, false));
      gateways.add(jetty("Jetty + mirror", null, true));
      if (before != null) {
        gateways.add(jetty("Jetty + mirror before", before, true));
      }
      gateways.add(Nginx.gateway("nginx", directory, GATEWAY_CPU, first.port(), 0));
      gateways.add(
          Nginx.gateway("nginx + mirror", directory, GATEWAY_CPU, first.port(), second.port()));
      Map<Integer, Map<String, Long>> requests = warmUp(gateways);
      for (ServerProcess gateway : gateways) {
        if (isJvm(gateway)) {
          gateway.pin(GATEWAY_CPU, LOAD_CPU);
        }
      }
      for (int round = 0; round < rounds; round++) {
        for (Map.Entry<Integer, Report> scenario : saturated.entrySet()) {
          Load load = new Load(directory, scenario.getKey());
          for (ServerProcess gateway : turns(gateways, round)) {
            long count = requests.get(load.bodyBytes()).get(gateway.name());
            scenario.getValue().add(measure(gateway, load, count, 0, fork * rounds + round));
          }
        }
        if (round % 2 == 0) {
          Load load = new Load(directory, 16 * 1024);
          for (ServerProcess gateway : turns(gateways, round / 2)) {
            paced.add(measure(gateway, load, 1000L * 2 * seconds, 1000, fork * rounds + round));
          }
        }
      }
      countSystemCalls(gateways);
    } finally {
      gateways.forEach(ServerProcess::close);
    }
  }

  /** Returns the gateways in an order that is reversed every other round. */
  private static List<ServerProcess> turns(List<ServerProcess> gateways, int round) {
    List<ServerProcess> turns = new ArrayList<>(gateways);
    if (round % 2 == 1) {
      Collections.reverse(turns);
    }
    return turns;
  }

  /** Returns the number of requests for a measurement, for each size and gateway. */
  private Map<Integer, Map<String, Long>> warmUp(List<ServerProcess> gateways) throws Exception {
    Map<Integer, Map<String, Long>> requests = new LinkedHashMap<>();
    for (int bodyBytes : saturated.keySet()) {
      Load load = new Load(directory, bodyBytes);
      Map<String, Long> counts = new LinkedHashMap<>();
      for (ServerProcess gateway : gateways) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(isJvm(gateway) ? warmUp : 1);
        double rate = 0;
        do {
          rate = load.send(gateway.port(), 4000, 0, LOAD_CPU).requestsPerSecond();
        } while (System.nanoTime() < end);
        counts.put(gateway.name(), (long) (rate * seconds));
      }
      requests.put(bodyBytes, counts);
    }
    return requests;
  }

  private Sample measure(
      ServerProcess gateway, Load load, long requests, double requestsPerSecond, int round)
      throws Exception {
    long[] counters = isJvm(gateway) ? gateway.ask() : new long[4];
    long received = Nginx.requests(secondary);
    long cpu = gateway.cpuNanos();
    Load.Result result = load.send(gateway.port(), requests, requestsPerSecond, LOAD_CPU);
    long end = System.nanoTime();
    long[] after = isJvm(gateway) ? gateway.ask() : new long[4];
    while (isJvm(gateway) && after[3] > 0) {
      TimeUnit.MILLISECONDS.sleep(5);
      after = gateway.ask();
    }
    double drained = (System.nanoTime() - end) / 1e6;
    cpu = gateway.cpuNanos() - cpu;
    received = Nginx.requests(secondary) - received - 1;
    double[] latencies = result.latencies();
    Sample sample =
        new Sample(
            gateway.name(),
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
  private void countSystemCalls(List<ServerProcess> gateways) throws Exception {
    Load load = new Load(directory, 16 * 1024);
    for (ServerProcess gateway : gateways) {
      List<String> threads =
          gateway.threadIds(name -> name.startsWith("mirror") || name.startsWith("httpclient"));
      if (threads.isEmpty()) {
        continue;
      }
      Path log = directory.resolve("strace.log");
      List<String> command = new ArrayList<>(List.of("strace", "-c", "-o", log.toString()));
      threads.forEach(thread -> command.addAll(List.of("-p", thread)));
      Process strace = new ProcessBuilder(command).redirectErrorStream(true).start();
      TimeUnit.SECONDS.sleep(1);
      long requests = 200L * 2 * seconds;
      load.send(gateway.port(), requests, 200, LOAD_CPU);
      Commands.run("kill", "-INT", "" + strace.pid());
      strace.waitFor();
      List<String> lines = Files.readAllLines(log);
      String[] total = lines.get(lines.size() - 1).trim().split("\\s+");
      long calls = Stream.of(total).skip(3).limit(1).mapToLong(Long::parseLong).sum();
      String kinds =
          lines.stream()
              .skip(2)
              .limit(6)
              .map(line -> line.trim().split("\\s+"))
              .filter(columns -> columns.length > 4)
              .map(columns -> columns[columns.length - 1] + " " + columns[3])
              .collect(Collectors.joining(", "));
      systemCalls.add(
          "%s: %.1f system calls per copy at 200/s (%s of %d threads, %d requests)"
              .formatted(
                  gateway.name(), (double) calls / requests, kinds, threads.size(), requests));
      System.out.println(systemCalls.get(systemCalls.size() - 1));
    }
  }

  private static boolean isJvm(ServerProcess gateway) {
    return gateway.name().startsWith("Jetty");
  }

  private ServerProcess jetty(String name, String otherVersion, boolean mirror) throws IOException {
    String classPath = System.getProperty("java.class.path");
    if (otherVersion != null) {
      classPath =
          otherVersion
              + File.pathSeparator
              + Stream.of(classPath.split(File.pathSeparator))
                  .filter(entry -> !entry.matches(".*mirror-(core|servlet).*"))
                  .collect(Collectors.joining(File.pathSeparator));
    }
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
    if (mirror) {
      command.add("http://127.0.0.1:" + secondary.port());
    }
    Path log = directory.resolve(name.replace(' ', '-') + ".log");
    return ServerProcess.startJvm(name, new ProcessBuilder(command), log);
  }
}
