package io.github.requestmirror.benchmarks.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Counts the system calls of threads with strace, which makes them slow. */
public final class SystemCalls {
  private SystemCalls() {}

  /** What is counted. */
  public interface Work {
    void run() throws Exception;
  }

  /**
   * Returns the number of calls for each name, the most frequent first.
   *
   * @param threads their ids
   */
  public static Map<String, Long> during(List<String> threads, Path log, Work work)
      throws Exception {
    List<String> command = new ArrayList<>(List.of("strace", "-c", "-S", "calls", "-o", "" + log));
    threads.forEach(thread -> command.addAll(List.of("-p", thread)));
    Process strace = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      // It does not say when it has attached to all threads.
      TimeUnit.SECONDS.sleep(1);
      work.run();
    } finally {
      Commands.run("kill", "-INT", "" + strace.pid());
      strace.waitFor();
    }
    return parse(log);
  }

  private static Map<String, Long> parse(Path log) throws IOException {
    Map<String, Long> calls = new LinkedHashMap<>();
    for (String line : Files.readAllLines(log)) {
      // Share of time, seconds, microseconds per call, calls, errors if any, name.
      String[] columns = line.trim().split("\\s+");
      String name = columns[columns.length - 1];
      if (columns.length > 4 && columns[3].matches("\\d+") && !name.equals("total")) {
        calls.put(name, Long.parseLong(columns[3]));
      }
    }
    return calls;
  }
}
