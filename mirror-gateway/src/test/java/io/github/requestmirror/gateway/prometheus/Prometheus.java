package io.github.requestmirror.gateway.prometheus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** A running Prometheus. */
final class Prometheus implements AutoCloseable {
  private static final ObjectMapper json = new ObjectMapper();

  private final Path dir;
  private final String config;
  private final int port;
  private final Program program;

  private Prometheus(Path dir, String config) {
    this(dir, config, Program.freePort());
  }

  private Prometheus(Path dir, String config, int port) {
    this.dir = dir;
    this.config = config;
    this.port = port;
    try {
      Files.createDirectories(dir);
      Files.writeString(dir.resolve("prometheus.yml"), config);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    program =
        new Program(
            dir.resolve("output.txt"),
            List.of(
                "prometheus",
                "--config.file=" + dir.resolve("prometheus.yml"),
                "--storage.tsdb.path=" + dir.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port,
                "--web.enable-remote-write-receiver",
                "--log.level=warn"));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> !Program.get(uri("/-/ready")).isEmpty() || !program.isAlive());
    assertThat(program.isAlive()).as("prometheus runs: %s", program.output()).isTrue();
  }

  /** Skips the test if Prometheus is not installed; fails if REQUIRE_PROMETHEUS is true. */
  static void require() {
    require("prometheus");
  }

  /** As above, for a program of the package. */
  static void require(String program) {
    boolean present = false;
    for (String dir : System.getenv("PATH").split(Pattern.quote(File.pathSeparator), -1)) {
      present |= Files.isExecutable(Path.of(dir, program));
    }
    if (Boolean.parseBoolean(System.getenv("REQUIRE_PROMETHEUS"))) {
      assertThat(present).as("%s is on the PATH", program).isTrue();
    }
    assumeTrue(present, "no " + program + " on the PATH; install it to run this test");
  }

  /** Starts a Prometheus that receives remote writes. */
  static Prometheus receiver(Path dir) {
    return new Prometheus(dir, "global: {scrape_interval: 1h}\n");
  }

  /** Starts a Prometheus that scrapes one port every second and writes to another. */
  static Prometheus sender(Path dir, int scraped, int written, int shards, int batch) {
    return new Prometheus(
        dir,
        """
        global:
          scrape_interval: 1s
          external_labels: {cluster: test, __replica__: a}
        scrape_configs:
          - job_name: shop
            static_configs: [{targets: ['127.0.0.1:%d']}]
        remote_write:
          - url: http://127.0.0.1:%d/api/v1/write
            metadata_config: {send_interval: 5s}
            queue_config:
              {min_shards: %d, max_shards: %d, max_samples_per_send: %d, batch_send_deadline: 1s}
        """
            .formatted(scraped, written, shards, shards, batch));
  }

  int port() {
    return port;
  }

  /** Lets a sender flush its queues, and waits until it has exited. */
  void stop() {
    program.close();
  }

  void kill() {
    program.kill();
  }

  /** Starts a Prometheus with the port and the data of this one, which has ended. */
  Prometheus startAgain() {
    return new Prometheus(dir, config, port);
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  /** Returns all stored samples by series and time. */
  Map<String, Map<String, String>> samples() {
    String query = URLEncoder.encode("{__name__=~\".+\"}[1d]", StandardCharsets.UTF_8);
    Map<String, Map<String, String>> samples = new TreeMap<>();
    for (JsonNode series : query("/api/v1/query?query=" + query).path("result")) {
      Map<String, String> points = new TreeMap<>();
      for (JsonNode point : series.path("values")) {
        points.put(point.get(0).asText(), point.get(1).asText());
      }
      samples.put(series.path("metric").toString(), points);
    }
    return samples;
  }

  private JsonNode query(String path) {
    try {
      return json.readTree(Program.get(uri(path))).path("data");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the sum of one of this process's metrics over all labels. */
  double metric(String name) {
    double sum = 0;
    for (String line : Program.get(uri("/metrics")).split("\n", -1)) {
      if (line.startsWith(name + "{") || line.startsWith(name + " ")) {
        sum += Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
      }
    }
    return sum;
  }

  static int count(Map<String, Map<String, String>> samples) {
    return samples.values().stream().mapToInt(Map::size).sum();
  }

  /** Returns the samples in {@code from} that are not in {@code in}. */
  static List<String> missing(
      Map<String, Map<String, String>> from, Map<String, Map<String, String>> in) {
    List<String> missing = new ArrayList<>();
    from.forEach(
        (series, points) ->
            points.forEach(
                (time, value) -> {
                  if (!value.equals(in.getOrDefault(series, Map.of()).get(time))) {
                    missing.add(series + " " + time + " " + value);
                  }
                }));
    return missing;
  }

  @Override
  public void close() {
    stop();
  }
}
