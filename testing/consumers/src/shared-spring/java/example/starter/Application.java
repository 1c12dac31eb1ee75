package example.starter;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The application as its clients and operators see it. */
final class Application {
  /** Changes the state of what is waited for. */
  interface Step {
    void run() throws IOException, InterruptedException;
  }

  private static final long PATIENCE_SECONDS = 120;
  private static final long ENOUGH = 50;

  private final HttpClient client = HttpClient.newHttpClient();
  private final String uri;

  Application(String port) {
    this.uri = "http://127.0.0.1:" + port;
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest.Builder post(String path, String type, String body) {
    return HttpRequest.newBuilder(URI.create(uri + path))
        .header("Content-Type", type)
        .POST(HttpRequest.BodyPublishers.ofString(body));
  }

  void push(String body) throws IOException, InterruptedException {
    HttpResponse<String> response = send(post("/api/v1/push", "text/plain", body));
    if (!response.body().equals("read " + body.length())) {
      throw new IllegalStateException("the primary responded " + response.body());
    }
  }

  /** Sets what the endpoint can set. */
  void set(String path, String json) throws IOException, InterruptedException {
    int status = send(post("/actuator/mirror" + path, "application/json", json)).statusCode();
    if (status != 204) {
      throw new IllegalStateException("the endpoint responded " + status);
    }
  }

  private String get(String path) throws IOException, InterruptedException {
    HttpResponse<String> response = send(HttpRequest.newBuilder(URI.create(uri + path)));
    if (response.statusCode() != 200) {
      throw new IllegalStateException(path + " responded " + response.statusCode());
    }
    return response.body();
  }

  void expect(String path, String pattern) throws IOException, InterruptedException {
    String body = get(path);
    if (!Pattern.compile(pattern).matcher(body).find()) {
      throw new IllegalStateException(path + " responded " + body);
    }
  }

  /** Returns a number that the endpoint shows. */
  long value(String name) throws IOException, InterruptedException {
    String state = get("/actuator/mirror/secondary");
    Matcher value = Pattern.compile("\"" + name + "\":(\\d+)").matcher(state);
    if (!value.find()) {
      throw new IllegalStateException("no " + name + " in " + state);
    }
    return Long.parseLong(value.group(1));
  }

  /** Waits until many more requests had this outcome. */
  void awaitMore(String outcome) throws IOException, InterruptedException {
    long enough = value(outcome) + ENOUGH;
    await(outcome, () -> {}, enough, Long.MAX_VALUE);
  }

  /** Waits until at least one request had this outcome. */
  void awaitMore(String outcome, Step step) throws IOException, InterruptedException {
    await(outcome, step, 1, Long.MAX_VALUE);
  }

  void awaitValue(String name, long expected) throws IOException, InterruptedException {
    await(name, () -> {}, expected, expected);
  }

  private void await(String name, Step step, long least, long most)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    while (true) {
      step.run();
      long value = value(name);
      if (value >= least && value <= most) {
        return;
      }
      if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)) {
        throw new IllegalStateException(name + " is still " + value);
      }
    }
  }
}
