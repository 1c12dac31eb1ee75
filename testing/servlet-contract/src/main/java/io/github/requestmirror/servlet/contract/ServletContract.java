package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Cortex;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.servlet.MirrorFilter;
import io.github.requestmirror.servlet.contract.Container.Mapped;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RawClient;
import io.github.requestmirror.testing.TestTarget;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The base of all contracts: two instances of one container, with and without the filter, an
 * application that each test sets, a target and a mirror. A container's test has one nested class
 * for each contract.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ServletContract extends Messages {
  /** The name of the target. */
  static final String SECONDARY = "secondary";

  @RegisterExtension final Conservation conservation = new Conservation();

  /** Where an application continues after {@code startAsync}. */
  final ExecutorService elsewhere = Executors.newCachedThreadPool();

  final Container container;
  private final AppServlet servlet =
      new AppServlet((request, response) -> response.sendError(500, "no application is set"));
  private final Switch filter = new Switch();

  private Container.@Nullable Running plain;
  private Container.@Nullable Running mirrored;
  TestTarget target = new TestTarget();
  private @Nullable Mirror mirror;

  ServletContract(Container container) {
    this.container = container;
  }

  /** Delegates to the filter of the current test, so that the container can keep running. */
  static final class Switch implements Filter {
    volatile @Nullable Filter present;

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
        throws IOException, ServletException {
      Filter filter = present;
      if (filter == null) {
        chain.doFilter(request, response);
      } else {
        filter.doFilter(request, response, chain);
      }
    }
  }

  /** Returns the filters in front of the mirror. The container without a mirror has them too. */
  List<Mapped> front() {
    return List.of();
  }

  /** Returns the filters behind the mirror, likewise. */
  List<Mapped> behind() {
    return List.of();
  }

  /** Everything a client sees of a response, and whether the connection can be used again. */
  record View(String response, boolean reusable) {}

  @BeforeAll
  void startContainers() throws Exception {
    target.close();
    // Filters are not shared by the containers.
    List<Mapped> filters = new ArrayList<>(front());
    filters.addAll(behind());
    plain = container.start(servlet, filters.toArray(Mapped[]::new));
    filters = new ArrayList<>(front());
    filters.add(Mapped.of(filter));
    filters.addAll(behind());
    mirrored = container.start(servlet, filters.toArray(Mapped[]::new));
  }

  @AfterAll
  void stopContainers() throws Exception {
    elsewhere.shutdown();
    if (plain != null) {
      plain.close();
    }
    if (mirrored != null) {
      mirrored.close();
    }
  }

  @BeforeEach
  void startMirror() {
    target = new TestTarget();
    mirror(limits -> limits, policy -> policy);
  }

  @AfterEach
  void closeTarget() {
    target.close();
  }

  /** Replaces the mirror of this test. */
  final Mirror mirror(
      UnaryOperator<MirrorTarget.Builder> limits, UnaryOperator<MirrorPolicy.Builder> policy) {
    return mirrorTo(target.uri(), limits, policy);
  }

  final Mirror mirrorTo(
      URI uri,
      UnaryOperator<MirrorTarget.Builder> limits,
      UnaryOperator<MirrorPolicy.Builder> policy) {
    Mirror started = newMirror(uri, limits, policy);
    mirror = started;
    filter.present = new MirrorFilter(started);
    return started;
  }

  /** Starts a mirror of all requests except probes. */
  final Mirror newMirror(
      URI uri,
      UnaryOperator<MirrorTarget.Builder> limits,
      UnaryOperator<MirrorPolicy.Builder> policy) {
    MirrorTarget.Builder to =
        MirrorTarget.builder(uri).name(SECONDARY).drainTimeout(Duration.ofSeconds(1));
    MirrorPolicy.Builder everything =
        Cortex.everything().when(head -> !head.rawPath().equals(AppServlet.PROBE));
    return conservation.watch(
        Mirror.start(limits.apply(to).build(), policy.apply(everything).build()));
  }

  final Mirror mirror() {
    if (mirror == null) {
      throw new IllegalStateException("no mirror runs");
    }
    return mirror;
  }

  final MirrorStats.Target stats() {
    return mirror().stats().target(SECONDARY);
  }

  final void application(App app) {
    servlet.app = app;
  }

  /** Tells whether the container implements Servlet 6.1. */
  static boolean isServlet61() {
    try {
      ServletInputStream.class.getMethod("read", ByteBuffer.class);
      return true;
    } catch (NoSuchMethodException e) {
      return false;
    }
  }

  final AppServlet servlet() {
    return servlet;
  }

  final int plainPort() {
    return port(plain);
  }

  final int mirroredPort() {
    return port(mirrored);
  }

  private static int port(Container.@Nullable Running running) {
    if (running == null) {
      throw new IllegalStateException("the container is not started");
    }
    return running.port();
  }

  /** Runs a step in another thread. */
  final void later(Step step) {
    elsewhere.execute(
        () -> {
          try {
            step.run();
          } catch (IOException | ServletException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  interface Step {
    void run() throws IOException, ServletException;
  }

  /** Runs an exchange without and with the filter; the client must see the same. */
  final View check(App app, Exchange exchange) throws Exception {
    application(app);
    View with = sameView(plainPort(), mirroredPort(), exchange);
    Conservation.awaitSettled(mirror());
    return with;
  }

  /** As {@link #check}, in a container with these filters. */
  final View checkWith(App app, Exchange exchange, Mapped... filters) throws Exception {
    application(app);
    try (Container.Running own = container.start(servlet, filters)) {
      View with = sameView(plainPort(), own.port(), exchange);
      Conservation.awaitSettled(mirror());
      return with;
    }
  }

  /** Runs an exchange with two containers; the client must see the same. */
  static View sameView(int plain, int mirrored, Exchange exchange) throws IOException {
    View without = view(plain, exchange);
    View with = view(mirrored, exchange);
    assertThat(with).as("the client's view with the filter").isEqualTo(without);
    return with;
  }

  static View view(int port, Exchange exchange) throws IOException {
    try (RawClient client = new RawClient(port)) {
      String response;
      try {
        response = describe(exchange.run(client));
      } catch (IOException e) {
        return new View("the connection ended before the response", false);
      }
      return new View(response, isAlive(client));
    }
  }

  /** Describes a response without the fields that differ between two requests. */
  static String describe(HttpMessage response) {
    List<String> lines =
        response.headerLines().stream()
            .filter(line -> !line.startsWith("Date:"))
            .map(line -> line.replaceFirst("JSESSIONID=[^;]*", "JSESSIONID=any"))
            .toList();
    return response.startLine()
        + "\n"
        + String.join("\n", lines)
        + "\n\n"
        + new String(response.body(), StandardCharsets.ISO_8859_1);
  }

  private static boolean isAlive(RawClient client) {
    try {
      HttpMessage response =
          client.exchange(EMPTY, "GET " + AppServlet.PROBE + " HTTP/1.1", "Host: probe");
      return response.status() == 200
          && new String(response.body(), StandardCharsets.US_ASCII).equals("alive");
    } catch (IOException e) {
      return false;
    }
  }

  /** Returns the outcomes of all requests except probes. */
  final Map<Outcome, Long> outcomes() {
    Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
    for (Outcome outcome : Outcome.values()) {
      long count = stats().count(outcome);
      if (count > 0 && outcome != Outcome.NOT_MATCHED) {
        outcomes.put(outcome, count);
      }
    }
    return outcomes;
  }

  final void assertOutcome(Outcome outcome) {
    assertThat(outcomes()).isEqualTo(Map.of(outcome, 1L));
  }

  /** Asserts that there was one request, and that it was copied with this body. */
  final HttpMessage assertCopied(byte[] body) {
    assertOutcome(Outcome.ACCEPTED);
    assertThat(target.requests()).hasSize(1);
    assertThat(target.requests().get(0).body()).isEqualTo(body);
    return target.requests().get(0);
  }

  /** Asserts that the request was copied with this body, or not copied for this reason. */
  final void assertCopiedOr(Outcome reason, byte[] body) {
    if (outcomes().containsKey(Outcome.ACCEPTED)) {
      assertCopied(body);
    } else {
      assertNotCopied(reason);
    }
  }

  final void assertNotCopied(Outcome outcome) {
    assertOutcome(outcome);
    assertThat(target.requests()).isEmpty();
  }
}
