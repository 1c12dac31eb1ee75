package io.github.requestmirror.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.benchmarks.process.FaultySink;
import io.github.requestmirror.benchmarks.process.JavaCommand;
import io.github.requestmirror.benchmarks.process.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A secondary that does not respond delays no connection of the gateway's clients. */
class HungSecondaryTest {
  private static final String GATEWAY =
      "io.github.requestmirror.benchmarks.gateway.BenchmarkGateway";

  private static final int CONNECTIONS = 16;

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"hung", "never-reading"})
  void noConnectionStalls(String behaviour) throws Exception {
    try (ServerProcess primary = FaultySink.start("prompt", directory.resolve("primary.log"));
        ServerProcess secondary = FaultySink.start(behaviour, directory.resolve("secondary.log"));
        ServerProcess gateway = gateway(primary, secondary)) {
      LoadResult result =
          new Clients(gateway.port(), LoadProgram.request(gateway.port(), 16 << 10), CONNECTIONS, 3)
              .run(0);
      long[] received = primary.ask();
      assertThat(result.stalledConnections()).as("stalled connections").isZero();
      assertThat(result.failures()).as("failures").isZero();
      assertThat(result.responses()).as("responses").isGreaterThan(10L * CONNECTIONS);
      assertThat(received[1])
          .as("requests at the primary")
          .isBetween(result.responses(), result.responses() + CONNECTIONS);
    }
  }

  private ServerProcess gateway(ServerProcess primary, ServerProcess secondary) throws IOException {
    ProcessBuilder command =
        new JavaCommand()
            .heap("256m")
            .run(GATEWAY, "filter", "" + primary.port(), "" + secondary.port(), "1");
    return ServerProcess.startJvm("gateway", command, directory.resolve("gateway.log"));
  }
}
