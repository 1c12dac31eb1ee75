package io.github.requestmirror.benchmarks.sender;

import io.github.requestmirror.benchmarks.process.Cpus;
import io.github.requestmirror.benchmarks.process.JavaCommand;
import io.github.requestmirror.benchmarks.process.NginxSink;
import io.github.requestmirror.benchmarks.process.Ports;
import io.github.requestmirror.benchmarks.process.ServerProcess;
import io.github.requestmirror.benchmarks.process.SystemCalls;
import io.github.requestmirror.benchmarks.report.Results;
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
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Compares the mirror without a primary with what sending costs at least. */
@Command(
    name = "sender",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Measures the mirror without a primary, beside a loop over plain sockets.")
public final class SenderCommand implements Callable<Integer> {
  private static final String MIRROR = "mirror";
  private static final String BEFORE = "before";
  private static final String SOCKETS = "sockets";

  /** Few enough for strace. */
  private static final int TRACED_REQUESTS = 4000;

  @Option(names = "--before", description = "Class path of an older version to compare with.")
  private String before;

  @Option(names = "--sizes", split = ",", description = "Of bodies. Default: 16384,131072.")
  private List<Integer> sizes = List.of(16 << 10, 128 << 10);

  @Option(names = "--forks", defaultValue = "3", description = "Starts of all JVMs. Default: 3.")
  private int forks;

  @Option(names = "--rounds", defaultValue = "5", description = "Rounds per fork. Default: 5.")
  private int rounds;

  @Option(names = "--seconds", defaultValue = "2", description = "Of a measurement. Default: 2.")
  private int seconds;

  @Option(names = "--warm-up", defaultValue = "8", description = "Seconds per JVM. Default: 8.")
  private int warmUp;

  @Option(names = "--output", required = true, description = "Folder for the results.")
  private Path output;

  private final List<SenderSample> samples = new ArrayList<>();
  private final Map<String, Map<String, Double>> systemCalls = new LinkedHashMap<>();

  public static void main(String[] args) {
    System.exit(new CommandLine(new SenderCommand()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    Results results = new Results(output, "sender");
    Path directory = Files.createDirectories(results.file("work"));
    for (int fork = 0; fork < forks; fork++) {
      for (int size : sizes) {
        measureFork(directory, fork, size);
      }
    }
    new SenderReport(samples, systemCalls).write(results);
    return 0;
  }

  private List<String> senders() {
    return before == null ? List.of(MIRROR, SOCKETS) : List.of(MIRROR, BEFORE, SOCKETS);
  }

  private void measureFork(Path directory, int fork, int size) throws Exception {
    Map<String, ServerProcess> programs = new LinkedHashMap<>();
    try (NginxSink sink = NginxSink.start("sink", directory, Cpus.LOAD, Ports.free())) {
      Map<String, Integer> requests = new LinkedHashMap<>();
      for (String sender : senders()) {
        ServerProcess program = start(sender, directory, sink.port(), size);
        programs.put(sender, program);
        warmUp(program, warmUp);
        program.pin(Cpus.MEASURED, Cpus.LOAD);
        requests.put(sender, (int) (warmUp(program, warmUp / 2 + 1) * seconds));
      }
      for (int round = 0; round < rounds; round++) {
        List<String> turns = new ArrayList<>(senders());
        if (round % 2 == 1) {
          Collections.reverse(turns);
        }
        for (String sender : turns) {
          int count = requests.get(sender);
          measure(sender, programs.get(sender), sink, fork, round, size, count);
        }
      }
      if (fork == forks - 1) {
        for (Map.Entry<String, ServerProcess> program : programs.entrySet()) {
          trace(program.getKey(), program.getValue(), directory, size);
        }
      }
    } finally {
      programs.values().forEach(ServerProcess::close);
    }
  }

  private ServerProcess start(String sender, Path directory, int port, int size)
      throws IOException {
    ProcessBuilder command =
        new JavaCommand()
            .heap("512m")
            .mirrorFrom(sender.equals(BEFORE) ? before : null)
            .run(
                SenderProgram.class.getName(),
                sender.equals(SOCKETS) ? SOCKETS : MIRROR,
                "" + port,
                "" + size);
    return ServerProcess.startJvm(sender, command, directory.resolve(sender + ".log"));
  }

  /** Returns the requests per second at the end. */
  private static double warmUp(ServerProcess program, int seconds) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    double rate;
    do {
      long[] reply = numbers(program.ask("4000"));
      rate = 4000 / (reply[0] / 1e9);
    } while (System.nanoTime() < end);
    return rate;
  }

  private void measure(
      String sender,
      ServerProcess program,
      NginxSink sink,
      int fork,
      int round,
      int size,
      int requests)
      throws Exception {
    long allocated = numbers(program.ask("0"))[1];
    long received = sink.requests();
    long cpu = program.cpuNanos();
    long pipeline = program.cpuNanos(name -> name.startsWith("mirror-"));
    long[] reply = numbers(program.ask("" + requests));
    pipeline = program.cpuNanos(name -> name.startsWith("mirror-")) - pipeline;
    cpu = program.cpuNanos() - cpu;
    received = sink.requests() - received;
    SenderSample sample =
        new SenderSample(
            sender,
            size,
            fork,
            round,
            requests / (reply[0] / 1e9),
            cpu / 1e3 / requests,
            pipeline / 1e3 / requests,
            (double) (reply[1] - allocated) / requests,
            (double) received / requests);
    samples.add(sample);
    System.out.println(sample);
  }

  private void trace(String sender, ServerProcess program, Path directory, int size)
      throws Exception {
    Map<String, Long> calls =
        SystemCalls.during(
            program.threadIds(name -> true),
            directory.resolve("strace.log"),
            () -> program.ask("" + TRACED_REQUESTS));
    Map<String, Double> perRequest = new LinkedHashMap<>();
    calls.forEach((name, count) -> perRequest.put(name, (double) count / TRACED_REQUESTS));
    systemCalls.put(SenderReport.key(sender, size), perRequest);
  }

  private static long[] numbers(String line) {
    String[] parts = line.split(" ");
    return new long[] {Long.parseLong(parts[0]), Long.parseLong(parts[1])};
  }
}
