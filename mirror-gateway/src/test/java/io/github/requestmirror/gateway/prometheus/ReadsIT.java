package io.github.requestmirror.gateway.prometheus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RawClient;
import java.net.URLEncoder;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Grafana sees no difference between the gateway and the primary. */
class ReadsIT {
  private static final String ALL = encoded("{__name__=~\".+\"}");

  @BeforeAll
  static void requirePrometheus() {
    Prometheus.require();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8);
  }

  @Test
  void responsesThroughTheGatewayAreThoseOfThePrimary(@TempDir Path dir) throws Exception {
    try (Exporter exporter = new Exporter(500);
        Prometheus primary = Prometheus.receiver(dir.resolve("primary"));
        Prometheus secondary = Prometheus.receiver(dir.resolve("secondary"));
        GatewayJar gateway =
            new GatewayJar(dir, primary.uri(""), secondary.uri(""), "--match=all")) {
      try (Prometheus sender =
          Prometheus.sender(dir.resolve("sender"), exporter.port(), gateway.port(), 4, 100)) {
        await()
            .atMost(Duration.ofMinutes(1))
            .until(() -> sender.metric("prometheus_remote_storage_samples_total") > 2_500);
      }
      gateway.awaitSettled();
      try (RawClient direct = new RawClient(primary.port());
          RawClient through = new RawClient(gateway.port())) {
        for (Read read : reads(Instant.now().getEpochSecond())) {
          HttpMessage expected = read.send(direct);
          HttpMessage response = read.send(through);
          List<String> head = head(response);
          if (read.method.equals("HEAD") && expected.header("Content-Length") == null) {
            // Documented: the gateway adds it where the primary leaves the length open.
            head.remove("Transfer-Encoding: chunked");
          }
          assertThat(head).as(read.toString()).isEqualTo(head(expected));
          assertThat(response.body()).as(read.toString()).isEqualTo(expected.body());
        }
      }
    }
  }

  private static List<Read> reads(long now) {
    String range = "start=" + (now - 300) + "&end=" + now;
    List<Read> reads = new ArrayList<>();
    for (String encoding : List.of("identity", "gzip", "gzip, deflate, br")) {
      for (String method : List.of("GET", "POST")) {
        add(reads, method, encoding, "/api/v1/query", "query=" + ALL + "&time=" + now);
        add(reads, method, encoding, "/api/v1/query", "query=" + ALL + "[5m]&time=" + now);
        add(reads, method, encoding, "/api/v1/query", "query=up%7B&time=" + now);
        add(
            reads,
            method,
            encoding,
            "/api/v1/query_range",
            "query=" + encoded("sum by (job) (up)") + "&step=15&" + range);
        add(reads, method, encoding, "/api/v1/query_range", "query=" + ALL + "&step=1&" + range);
        add(reads, method, encoding, "/api/v1/labels", range);
        add(reads, method, encoding, "/api/v1/series", "match[]=" + ALL + "&" + range);
        add(reads, method, encoding, "/api/v1/series", range);
        add(reads, method, encoding, "/api/v1/query_exemplars", "query=up&" + range);
      }
      add(reads, "GET", encoding, "/api/v1/label/job/values", range);
      add(reads, "GET", encoding, "/api/v1/metadata", "limit=1");
      add(reads, "GET", encoding, "/api/v1/rules", "");
      add(reads, "GET", encoding, "/api/v1/status/buildinfo", "");
      add(reads, "GET", encoding, "/api/v1/unknown", "");
      add(reads, "GET", encoding, "/", "");
      add(reads, "HEAD", encoding, "/-/ready", "");
      add(reads, "OPTIONS", encoding, "/api/v1/query", "");
      add(reads, "DELETE", encoding, "/api/v1/query", "");
    }
    return reads;
  }

  private static void add(
      List<Read> reads, String method, String encoding, String path, String parameters) {
    reads.add(new Read(method, encoding, path, parameters));
  }

  /** Prometheus accepts parameters in the query, or with POST as a form. */
  private record Read(String method, String encoding, String path, String parameters) {
    HttpMessage send(RawClient client) throws Exception {
      boolean form = method.equals("POST");
      List<String> head = new ArrayList<>();
      String query = form || parameters.isEmpty() ? "" : "?" + parameters;
      head.add(method + " " + path + query + " HTTP/1.1");
      head.add("Host: prometheus");
      head.add("User-Agent: Grafana/11.0.0");
      head.add("Accept-Encoding: " + encoding);
      head.add("Origin: http://grafana");
      byte[] body = form ? parameters.getBytes(UTF_8) : new byte[0];
      if (form) {
        head.add("Content-Type: application/x-www-form-urlencoded");
        head.add("Content-Length: " + body.length);
      }
      return client.exchange(body, head.toArray(String[]::new));
    }
  }

  private static List<String> head(HttpMessage response) {
    List<String> lines = new ArrayList<>(response.headerLines());
    lines.removeIf(line -> line.startsWith("Date: "));
    lines.sort(null);
    lines.add(0, response.startLine());
    return lines;
  }
}
