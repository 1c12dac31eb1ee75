package io.github.requestmirror.benchmarks.micro;

import io.github.requestmirror.PolicyBenchmark;
import io.github.requestmirror.benchmarks.report.Results;
import io.github.requestmirror.internal.dispatch.CaptureBenchmark;
import io.github.requestmirror.internal.dispatch.HandOverBenchmark;
import io.github.requestmirror.internal.ordering.OrderingBenchmark;
import io.github.requestmirror.internal.remotewrite.RemoteWriteKeysBenchmark;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the JMH benchmarks with the allocation profiler. */
@Command(
    name = "micro",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Measures single steps of the mirror: time and bytes allocated.")
public final class MicroCommand implements Callable<Integer> {
  private static final Map<String, Class<?>> GROUPS = groups();

  @Option(
      names = "--only",
      split = ",",
      description = "Of unwanted, policy, capture, hand-over, order, keys. Default: all.")
  private List<String> only = List.copyOf(GROUPS.keySet());

  @Option(names = "--forks", defaultValue = "3", description = "JVMs. Default: 3.")
  private int forks;

  @Option(
      names = "--iterations",
      defaultValue = "5",
      description = "Measurements in each JVM. Default: 5.")
  private int iterations;

  @Option(
      names = "--millis",
      defaultValue = "1000",
      description = "Of a measurement, and of each of 3 warm-ups. Default: 1000.")
  private int millis;

  @Option(names = "--output", required = true, description = "Folder for the results.")
  private Path output;

  private static Map<String, Class<?>> groups() {
    Map<String, Class<?>> groups = new LinkedHashMap<>();
    groups.put("unwanted", UnwantedRequestBenchmark.class);
    groups.put("policy", PolicyBenchmark.class);
    groups.put("capture", CaptureBenchmark.class);
    groups.put("hand-over", HandOverBenchmark.class);
    groups.put("order", OrderingBenchmark.class);
    groups.put("keys", RemoteWriteKeysBenchmark.class);
    return groups;
  }

  public static void main(String[] args) {
    System.exit(new CommandLine(new MicroCommand()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    Results results = new Results(output, "micro");
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .forks(forks)
            .warmupIterations(3)
            .warmupTime(TimeValue.milliseconds(millis))
            .measurementIterations(iterations)
            .measurementTime(TimeValue.milliseconds(millis))
            .addProfiler(GCProfiler.class)
            .shouldFailOnError(true)
            .resultFormat(ResultFormatType.JSON)
            .result(results.file("micro.json").toString());
    for (String group : only) {
      options.include(Pattern.quote(benchmarks(group).getName()) + "\\.");
    }
    Collection<RunResult> runs = new Runner(options.build()).run();
    new MicroReport(runs).write(results);
    return 0;
  }

  private static Class<?> benchmarks(String group) {
    Class<?> benchmarks = GROUPS.get(group);
    if (benchmarks == null) {
      throw new IllegalArgumentException(
          "--only '" + group + "' is unknown, must be of " + GROUPS.keySet());
    }
    return benchmarks;
  }
}
