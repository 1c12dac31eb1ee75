package io.github.requestmirror.benchmarks.gateway;

import io.github.requestmirror.benchmarks.load.H2Load;
import io.github.requestmirror.benchmarks.load.LoadResult;
import io.github.requestmirror.benchmarks.load.TimedLoad;
import io.github.requestmirror.benchmarks.process.Cpus;
import io.github.requestmirror.benchmarks.process.Envoy;
import io.github.requestmirror.benchmarks.process.NginxSink;
import io.github.requestmirror.benchmarks.process.Ports;
import io.github.requestmirror.benchmarks.process.Secondary;
import io.github.requestmirror.benchmarks.report.Results;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Loads gateways with a small heap whose secondary does not respond. */
@Command(
    name = "memory",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Loads gateways with a small heap for minutes while the secondary hangs.")
public final class MemoryCommand implements Callable<Integer> {
  @Option(names = "--before", description = "Class path of an older version to compare with.")
  private String before;

  @Option(
      names = "--variants",
      split = ",",
      description = "Of jetty, filter, before, naive, gateway-mirror. Default: jetty,filter,naive.")
  private List<String> variants = List.of("jetty", "filter", "naive");

  @Option(names = "--secondary", defaultValue = "hung", description = "Behaviour. Default: hung.")
  private String secondary;

  @Option(names = "--heap", defaultValue = "256m", description = "Of a gateway. Default: 256m.")
  private String heap;

  @Option(names = "--size", defaultValue = "16384", description = "Of a body. Default: 16384.")
  private int size;

  @Option(names = "--warm-up", defaultValue = "10", description = "Seconds. Default: 10.")
  private int warmUp;

  @Option(
      names = "--seconds",
      defaultValue = "180",
      description = "With this secondary, for each gateway. Default: 180.")
  private int seconds;

  @Option(names = "--output", required = true, description = "Folder for the results.")
  private Path output;

  public static void main(String[] args) {
    System.exit(new CommandLine(new MemoryCommand()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    Results results = new Results(output, "memory");
    Path directory = Files.createDirectories(results.file("work"));
    Gateways gateways = new Gateways(directory, new Envoy(directory), before, heap);
    List<MemoryRun> runs = new ArrayList<>();
    for (String name : variants) {
      Variant variant = Variant.of(name);
      if (!variant.isJvm() || variant.hasEnvoy()) {
        throw new IllegalArgumentException(name + " has no heap");
      }
      // One after another: a gateway without memory would slow the others down.
      runs.add(run(variant, directory, gateways));
    }
    String settings = "heap " + heap + ", secondary " + secondary + ", bodies of " + size + " B";
    new MemoryReport(runs, settings).write(results);
    return 0;
  }

  private MemoryRun run(Variant variant, Path directory, Gateways gateways) throws Exception {
    try (NginxSink primary = NginxSink.start("primary", directory, Cpus.LOAD, Ports.free());
        Secondary second = new Secondary(directory);
        TimedLoad load = TimedLoad.start(directory, Cpus.LOAD);
        RunningGateway gateway = gateways.start(variant, primary.port(), second.port())) {
      load.closed(gateway.port(), size, H2Load.CONNECTIONS, warmUp);
      gateway.pin();
      second.behave(secondary);
      load.start(gateway.port(), size, H2Load.CONNECTIONS, seconds, 0);
      MemoryProbe probe = new MemoryProbe(gateway);
      List<MemoryRun.Second> seen = new ArrayList<>();
      long start = System.nanoTime();
      for (int i = 0; i < seconds; i++) {
        long next = start + TimeUnit.SECONDS.toNanos(i + 1);
        TimeUnit.NANOSECONDS.sleep(next - System.nanoTime());
        MemoryRun.Second now = probe.look(i);
        seen.add(now);
        System.out.println(variant.option() + " " + now);
      }
      LoadResult result = load.result();
      probe.close();
      return new MemoryRun(variant.option(), seen, result);
    } catch (IOException e) {
      throw new IOException(variant + " failed", e);
    }
  }
}
