package io.github.requestmirror.gateway.prometheus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A process that runs the packaged gateway. */
final class GatewayJar implements AutoCloseable {
  private static final ObjectMapper json = new ObjectMapper();
  private static final Pattern PORTS =
      Pattern.compile("gateway listening on http://[^:]+:(\\d+), admin on http://[^:]+:(\\d+)");

  private final Program program;
  private final int port;
  private final int adminPort;

  GatewayJar(Path dir, URI primary, URI secondary, String... options) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-jar",
                Path.of("target", "mirror-gateway.jar").toAbsolutePath().toString(),
                "--bind=127.0.0.1",
                "--listen=0",
                "--admin=0",
                "--primary=" + primary,
                "--target=" + secondary));
    command.addAll(List.of(options));
    program = new Program(dir.resolve("gateway.txt"), command);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> PORTS.matcher(program.output()).find() || !program.isAlive());
    Matcher ports = PORTS.matcher(program.output());
    assertThat(ports.find()).as("the gateway runs: %s", program.output()).isTrue();
    port = Integer.parseInt(ports.group(1));
    adminPort = Integer.parseInt(ports.group(2));
  }

  int port() {
    return port;
  }

  /** Returns the statistics of the only target. */
  JsonNode stats() {
    try {
      return json.readTree(Program.get(URI.create("http://127.0.0.1:" + adminPort + "/stats")))
          .path("targets")
          .path(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void awaitSettled() {
    await()
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(
            () -> {
              JsonNode stats = stats();
              assertThat(stats.path("pending").asInt(-1)).as("pending of %s", stats).isZero();
              assertThat(stats.path("bufferedBytes").asInt(-1)).isZero();
              assertThat(stats.path("offered").asLong())
                  .isEqualTo(
                      stats.path("responded").asLong()
                          + stats.path("failed").asLong()
                          + stats.path("dropped").asLong()
                          + stats.path("skipped").asLong());
            });
  }

  @Override
  public void close() {
    program.close();
  }
}
