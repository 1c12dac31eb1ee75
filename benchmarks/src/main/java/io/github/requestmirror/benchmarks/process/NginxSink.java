package io.github.requestmirror.benchmarks.process;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;

/** A cluster that reads each body, responds with 204 and counts the requests: nginx. */
public final class NginxSink implements AutoCloseable {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private final ServerProcess process;

  /** The requests that asked for the count. */
  private long asked;

  private NginxSink(ServerProcess process) {
    this.process = process;
  }

  /** Starts a sink on a CPU. */
  public static NginxSink start(String name, Path directory, int cpu, int port)
      throws IOException, InterruptedException {
    String locations =
        """
        location / { return 204; }
        location = /requests { stub_status; }
        """;
    return new NginxSink(Nginx.start(name, directory, cpu, port, locations, ""));
  }

  public int port() {
    return process.port();
  }

  /** Returns how many requests the sink has received. */
  public long requests() throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + "/requests")).build();
    List<String> lines =
        CLIENT.send(request, HttpResponse.BodyHandlers.ofString()).body().lines().toList();
    asked++;
    return Long.parseLong(lines.get(2).trim().split(" ")[2]) - asked;
  }

  @Override
  public void close() {
    process.close();
  }
}
