package io.github.requestmirror.gateways;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Cortex;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.servlet.MirrorFilter;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RawClient;
import io.github.requestmirror.testing.TestTarget;
import jakarta.servlet.Filter;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A server with the filter and an application that each test chooses, a target and a mirror. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class RegressionHarness {
  static final byte[] EMPTY = {};
  private static final String SECONDARY = "secondary";

  @RegisterExtension final Conservation conservation = new Conservation();

  private final Server server;
  private final SwitchFilter filter = new SwitchFilter();
  private volatile App app = (request, response) -> response.sendError(500, "no application");
  private @Nullable Running running;
  private @Nullable TestTarget target;
  private @Nullable Mirror mirror;

  RegressionHarness(Server server) {
    this.server = server;
  }

  /** Starts a container. */
  interface Server {
    Running start(Servlet servlet, Filter filter) throws Exception;
  }

  /** What the primary does. */
  interface App {
    void handle(HttpServletRequest request, HttpServletResponse response)
        throws IOException, ServletException;
  }

  private final class AppServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
        throws ServletException, IOException {
      app.handle(request, response);
    }
  }

  @BeforeAll
  void startServer() throws Exception {
    running = server.start(new AppServlet(), filter);
  }

  @AfterAll
  void stopServer() {
    if (running != null) {
      running.close();
    }
  }

  @BeforeEach
  void startMirror() {
    target = new TestTarget();
    mirror(limits -> limits, policy -> policy);
  }

  @AfterEach
  void closeTarget() {
    target().close();
  }

  /** Replaces the mirror of this test. */
  final void mirror(
      UnaryOperator<MirrorTarget.Builder> limits, UnaryOperator<MirrorPolicy.Builder> policy) {
    mirrorTo(target().uri(), limits, policy);
  }

  final void mirrorTo(
      URI uri,
      UnaryOperator<MirrorTarget.Builder> limits,
      UnaryOperator<MirrorPolicy.Builder> policy) {
    MirrorTarget.Builder to =
        MirrorTarget.builder(uri).name(SECONDARY).drainTimeout(Duration.ofSeconds(1));
    mirror =
        conservation.watch(
            Mirror.start(limits.apply(to).build(), policy.apply(Cortex.everything()).build()));
    filter.set(new MirrorFilter(mirror));
  }

  /** Puts something between the container and the mirror. */
  final void filter(UnaryOperator<Filter> around) {
    filter.set(around.apply(new MirrorFilter(mirror())));
  }

  final void application(App app) {
    this.app = app;
  }

  final Mirror mirror() {
    return Objects.requireNonNull(mirror);
  }

  final TestTarget target() {
    return Objects.requireNonNull(target);
  }

  final int port() {
    return Objects.requireNonNull(running).port();
  }

  final MirrorStats.Target stats() {
    return mirror().stats().target(SECONDARY);
  }

  final Map<Outcome, Long> outcomes() {
    Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
    for (Outcome outcome : Outcome.values()) {
      if (stats().count(outcome) > 0) {
        outcomes.put(outcome, stats().count(outcome));
      }
    }
    return outcomes;
  }

  final void assertOutcome(Outcome outcome, int count) {
    Conservation.awaitSettled(mirror());
    assertThat(outcomes()).isEqualTo(Map.of(outcome, (long) count));
  }

  /** Returns the only copy. */
  final HttpMessage copy() {
    assertOutcome(Outcome.ACCEPTED, 1);
    assertThat(target().requests()).hasSize(1);
    return target().requests().get(0);
  }

  final HttpMessage send(byte[] body, String... headLines) throws IOException {
    try (RawClient client = new RawClient(port())) {
      return client.exchange(body, headLines);
    }
  }

  final HttpMessage get(String target, String... headers) throws IOException {
    return send(EMPTY, lines("GET " + target + " HTTP/1.1", headers));
  }

  final HttpMessage post(String target, byte[] body, String... headers) throws IOException {
    return send(
        body,
        lines("POST " + target + " HTTP/1.1", lines("Content-Length: " + body.length, headers)));
  }

  final HttpMessage postChunked(String target, byte[] body, String... headers) throws IOException {
    ByteArrayOutputStream chunks = new ByteArrayOutputStream();
    chunks.writeBytes((Integer.toHexString(body.length) + "\r\n").getBytes(US_ASCII));
    chunks.writeBytes(body);
    chunks.writeBytes("\r\n0\r\n\r\n".getBytes(US_ASCII));
    return send(
        chunks.toByteArray(),
        lines("POST " + target + " HTTP/1.1", lines("Transfer-Encoding: chunked", headers)));
  }

  private static String[] lines(String first, String... more) {
    String host = first.endsWith("HTTP/1.1") ? "\r\nHost: gateway" : "";
    String[] lines = new String[more.length + 1];
    lines[0] = first + host;
    System.arraycopy(more, 0, lines, 1, more.length);
    return lines;
  }

  /** Reads the body to its end and responds with its length. */
  static void store(HttpServletRequest request, HttpServletResponse response) throws IOException {
    respond(response, "stored " + request.getInputStream().readAllBytes().length);
  }

  static void respond(HttpServletResponse response, String text) throws IOException {
    byte[] bytes = text.getBytes(ISO_8859_1);
    response.setContentLength(bytes.length);
    response.getOutputStream().write(bytes);
  }

  static String text(HttpMessage message) {
    return new String(message.body(), ISO_8859_1);
  }
}
