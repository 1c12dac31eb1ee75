package io.github.requestmirror.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.requestmirror.testing.RawClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A process that runs the packaged gateway with a small heap. */
final class GatewayProcess implements AutoCloseable {
  private static final Pattern READY =
      Pattern.compile(
          "gateway listening on https?://[^ ]*:(\\d+), admin on http://[^ ]*:(\\d+), .*");

  private final HttpClient http = HttpClient.newHttpClient();
  private final CountDownLatch ready = new CountDownLatch(1);
  private final List<String> out = new CopyOnWriteArrayList<>();
  private final List<String> err = new CopyOnWriteArrayList<>();
  private final Process process;
  private final Thread outReader;
  private final Thread errReader;

  private GatewayProcess(List<String> arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                // Most processes end before C2 would pay off.
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "-jar",
                System.getProperty("gateway.jar", "target/mirror-gateway.jar")));
    command.addAll(arguments);
    process = new ProcessBuilder(command).start();
    outReader = read(process.getInputStream(), out);
    errReader = read(process.getErrorStream(), err);
  }

  /** Starts a gateway on free ports of the loopback interface and waits until it is ready. */
  static GatewayProcess start(URI primary, URI mirror, String... more) throws Exception {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--bind=127.0.0.1",
                "--listen=0",
                "--admin=0",
                // The paths of the tests are not those of writes.
                "--match=all",
                "--primary=" + primary,
                "--target=" + mirror));
    arguments.addAll(List.of(more));
    GatewayProcess gateway = new GatewayProcess(arguments);
    if (!gateway.ready.await(30, TimeUnit.SECONDS)) {
      gateway.process.destroyForcibly();
      throw new IllegalStateException("not ready: " + gateway.err);
    }
    return gateway;
  }

  /** Runs the gateway and waits until the process exits. */
  static GatewayProcess run(String... arguments) throws Exception {
    GatewayProcess gateway = new GatewayProcess(List.of(arguments));
    gateway.awaitExit();
    return gateway;
  }

  private Thread read(InputStream stream, List<String> lines) {
    Thread reader =
        new Thread(
            () -> {
              try (BufferedReader in = new BufferedReader(new InputStreamReader(stream, UTF_8))) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                  lines.add(line);
                  if (READY.matcher(line).matches()) {
                    ready.countDown();
                  }
                }
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            },
            "gateway-process-output");
    reader.setDaemon(true);
    reader.start();
    return reader;
  }

  private int portOfReadyLine(int group) {
    Matcher matcher = READY.matcher(out.get(0));
    assertThat(matcher.matches()).as(out.get(0)).isTrue();
    return Integer.parseInt(matcher.group(group));
  }

  int port() {
    return portOfReadyLine(1);
  }

  int adminPort() {
    return portOfReadyLine(2);
  }

  RawClient connect() throws IOException {
    return new RawClient(port());
  }

  HttpResponse<String> admin(String method, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + adminPort() + path);
    return http.send(
        HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody()).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** Returns the statistics of the first mirror. */
  JsonNode stats() throws Exception {
    return new ObjectMapper().readTree(admin("GET", "/stats").body()).at("/targets/0");
  }

  long outcome(String name) throws Exception {
    return stats().at("/outcomes/" + name).asLong();
  }

  /** Sends SIGTERM. */
  void terminate() {
    // process.destroy() would close the output too.
    process.toHandle().destroy();
  }

  int awaitExit() {
    try {
      if (!process.waitFor(40, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException("the process does not exit: " + err);
      }
      outReader.join(5_000);
      errReader.join(5_000);
      return process.exitValue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  List<String> out() {
    return out;
  }

  List<String> err() {
    return err;
  }

  /** Kills the process. An orderly stop takes seconds; {@link CommandLineIT} tests it. */
  @Override
  public void close() {
    process.toHandle().destroyForcibly();
    awaitExit();
  }
}
