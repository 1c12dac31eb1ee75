package io.github.requestmirror.benchmarks.load;

import io.github.requestmirror.benchmarks.process.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A number of requests with one body over 16 connections, sent by h2load. */
public final class H2Load {
  public static final int CONNECTIONS = 16;

  private final Path body;
  private final int bodyBytes;
  private final Path log;

  /** The body has random bytes, and no secondary under test looks into it. */
  public H2Load(Path directory, int bodyBytes) throws IOException {
    this.bodyBytes = bodyBytes;
    body = directory.resolve("body-" + bodyBytes);
    log = directory.resolve("requests.log");
    byte[] bytes = new byte[bodyBytes];
    new Random(bodyBytes).nextBytes(bytes);
    Files.write(body, bytes);
  }

  public int bodyBytes() {
    return bodyBytes;
  }

  /** What the clients saw; the latencies are in microseconds, in ascending order. */
  public record Result(double requestsPerSecond, double[] latencies) {}

  /**
   * Sends the requests and waits for all responses.
   *
   * @param requestsPerSecond over all connections, 0 for as many as the server takes
   * @throws IOException when not every response has the status 204
   */
  public Result send(int port, long requests, double requestsPerSecond, int cpu)
      throws IOException, InterruptedException {
    Files.deleteIfExists(log);
    long start = System.nanoTime();
    String output =
        Commands.run(
            "taskset",
            "-c",
            "" + cpu,
            "h2load",
            "--h1",
            "-t1",
            "-c" + CONNECTIONS,
            "-n" + requests,
            "-d" + body,
            "-Hcontent-type: application/x-protobuf",
            "-Hcontent-encoding: snappy",
            "-Hx-scope-orgid: benchmark",
            requestsPerSecond == 0 ? "--rps=0" : "--rps=" + requestsPerSecond / CONNECTIONS,
            "--log-file=" + log,
            "http://127.0.0.1:" + port + "/api/v1/push");
    double seconds = (System.nanoTime() - start) / 1e9;
    List<String> lines = Files.readAllLines(log);
    double[] latencies =
        lines.stream()
            .map(line -> line.split("\t"))
            .filter(columns -> columns[1].equals("204"))
            .mapToDouble(columns -> Double.parseDouble(columns[2]))
            .toArray();
    if (latencies.length != requests) {
      throw new IOException(
          latencies.length + " of " + requests + " responses have the status 204:\n" + output);
    }
    Arrays.sort(latencies);
    return new Result(requests / seconds, latencies);
  }
}
