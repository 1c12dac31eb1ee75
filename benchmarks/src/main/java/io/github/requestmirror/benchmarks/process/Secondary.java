package io.github.requestmirror.benchmarks.process;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The secondary cluster, whose behaviour changes while its port stays the same. */
public final class Secondary implements AutoCloseable {
  private static final String HEALTHY = "healthy";

  /** What it can do. */
  public static final List<String> BEHAVIOURS =
      List.of(HEALTHY, "hung", "slow", "refusing", "never-reading");

  private final Path directory;
  private final int port;
  private NginxSink healthy;
  private ServerProcess faulty;

  /** Starts a healthy one. */
  public Secondary(Path directory) throws IOException, InterruptedException {
    this.directory = directory;
    this.port = Ports.free();
    behave(HEALTHY);
  }

  public int port() {
    return port;
  }

  /** Closes the port, and opens it with another behaviour unless that is to refuse. */
  public void behave(String behaviour) throws IOException, InterruptedException {
    close();
    switch (behaviour) {
      case HEALTHY -> healthy = NginxSink.start("secondary", directory, Cpus.LOAD, port);
      case "refusing" -> {
        // Nothing listens.
      }
      case "hung", "slow", "never-reading" -> faulty = startFaulty(behaviour);
      default ->
          throw new IllegalArgumentException(
              "secondary '" + behaviour + "' is unknown, must be one of " + BEHAVIOURS);
    }
  }

  private ServerProcess startFaulty(String behaviour) throws IOException {
    ProcessBuilder java =
        new JavaCommand().heap("64m").run(FaultySink.class.getName(), behaviour, "" + port);
    List<String> command = new ArrayList<>(List.of("taskset", "-c", "" + Cpus.LOAD));
    command.addAll(java.command());
    return ServerProcess.startJvm(
        behaviour, new ProcessBuilder(command), directory.resolve(behaviour + ".log"));
  }

  /** Returns how many requests the healthy one has received. */
  public long requests() throws IOException, InterruptedException {
    return healthy.requests();
  }

  @Override
  public void close() {
    if (healthy != null) {
      healthy.close();
      healthy = null;
    }
    if (faulty != null) {
      faulty.close();
      faulty = null;
    }
  }
}
