package io.github.requestmirror.benchmarks.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.requestmirror.benchmarks.process.JavaCommand;
import io.github.requestmirror.benchmarks.process.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Load for a fixed time, from a {@link LoadProgram} that stays alive, so that it is warm. */
public final class TimedLoad implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ServerProcess program;

  private TimedLoad(ServerProcess program) {
    this.program = program;
  }

  /** Starts the program on a CPU. */
  public static TimedLoad start(Path directory, int cpu) throws IOException {
    ProcessBuilder java = new JavaCommand().heap("128m").run(LoadProgram.class.getName());
    List<String> command = new ArrayList<>(List.of("taskset", "-c", "" + cpu));
    command.addAll(java.command());
    return new TimedLoad(
        ServerProcess.startJvm("load", new ProcessBuilder(command), directory.resolve("load.log")));
  }

  /** Sends each request as soon as there is a response to the one before. */
  public LoadResult closed(int port, int bodyBytes, int connections, int seconds)
      throws IOException {
    start(port, bodyBytes, connections, seconds, 0);
    return result();
  }

  /** Sends requests at a fixed rate. */
  public LoadResult open(
      int port, int bodyBytes, int connections, int seconds, double requestsPerSecond)
      throws IOException {
    start(port, bodyBytes, connections, seconds, requestsPerSecond);
    return result();
  }

  /**
   * Starts to send, and returns.
   *
   * @param requestsPerSecond 0 for a closed loop
   */
  public void start(int port, int bodyBytes, int connections, int seconds, double requestsPerSecond)
      throws IOException {
    program.send(
        port + " " + bodyBytes + " " + connections + " " + seconds + " " + requestsPerSecond);
  }

  /** Waits for the end of what was started. */
  public LoadResult result() throws IOException {
    return JSON.readValue(program.reply(), LoadResult.class);
  }

  @Override
  public void close() {
    program.close();
  }
}
