package io.github.requestmirror.gateways;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Cortex;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.servlet.MirrorFilter;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RawClient;
import io.github.requestmirror.testing.TestTarget;
import jakarta.servlet.Filter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Two instances of one gateway, without and with the filter, in front of the same primary. The
 * gateways run for the whole class; primary, target and mirror are new for each test.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class GatewayHarness {
  static final byte[] EMPTY = {};
  private static final String SECONDARY = "secondary";

  /** Ports and times, which differ between two runs. */
  private static final Pattern RANDOM =
      Pattern.compile("(?<=:)\\d{4,5}\\b|(?<=\"timestamp\":\")[^\"]*");

  @RegisterExtension final Conservation conservation = new Conservation();

  private final SwitchFilter filter = new SwitchFilter();
  private @Nullable Running plain;
  private @Nullable Running mirrored;
  private volatile URI primaryUri = URI.create("http://127.0.0.1:1");
  private @Nullable TestTarget primary;
  private @Nullable TestTarget secondary;
  private @Nullable Mirror mirror;

  /**
   * Starts a gateway on loopback.
   *
   * @param primary the URI to send requests to; it changes with each test
   * @param filter the first filter, for all paths; null for no filter
   */
  abstract Running start(Supplier<URI> primary, @Nullable Filter filter) throws Exception;

  @BeforeAll
  void startGateways() throws Exception {
    plain = start(() -> primaryUri, null);
    mirrored = start(() -> primaryUri, filter);
  }

  @AfterAll
  void stopGateways() {
    if (plain != null) {
      plain.close();
    }
    if (mirrored != null) {
      mirrored.close();
    }
  }

  @BeforeEach
  void startClusters() {
    TestTarget started =
        new TestTarget()
            .behave(
                (request, out) ->
                    // A response to HEAD has no body.
                    (request.method().equals("HEAD")
                            ? TestTarget.status(204)
                            : TestTarget.respond(200, "stored"))
                        .handle(request, out));
    primary = started;
    primaryIs(started.uri());
    secondary = new TestTarget();
    mirror =
        conservation.watch(
            Mirror.start(
                MirrorTarget.builder(secondary.uri())
                    .name(SECONDARY)
                    .drainTimeout(Duration.ofSeconds(1))
                    .build(),
                Cortex.everything().build()));
    filter.set(new MirrorFilter(mirror));
  }

  @AfterEach
  void closeClusters() {
    primary().close();
    secondary().close();
  }

  final void primaryIs(URI uri) {
    primaryUri = uri;
  }

  final TestTarget primary() {
    return Objects.requireNonNull(primary);
  }

  final TestTarget secondary() {
    return Objects.requireNonNull(secondary);
  }

  final Mirror mirror() {
    return Objects.requireNonNull(mirror);
  }

  final void waitForThePrimary() {
    mirror().replacePolicy(SECONDARY, Cortex.everything().whenPrimaryResponds(2).build());
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

  final int mirroredPort() {
    return Objects.requireNonNull(mirrored).port();
  }

  /** The requests that clients send to a gateway. */
  interface Conversation {
    /** Returns the responses. */
    List<HttpMessage> hold(int port) throws Exception;
  }

  /** A conversation on one connection. */
  interface Exchange {
    HttpMessage run(RawClient client) throws Exception;
  }

  /** Runs exchanges one after another, on the same connection while the gateway keeps it. */
  static Conversation onOneConnection(List<Exchange> exchanges) {
    return port -> {
      List<HttpMessage> responses = new ArrayList<>();
      RawClient client = new RawClient(port);
      try {
        for (Exchange exchange : exchanges) {
          HttpMessage response = exchange.run(client);
          responses.add(response);
          if ("close".equalsIgnoreCase(response.header("Connection"))) {
            client.close();
            client = new RawClient(port);
          }
        }
      } finally {
        client.close();
      }
      return responses;
    };
  }

  static Conversation of(Exchange exchange) {
    return onOneConnection(List.of(exchange));
  }

  static Conversation of(List<HttpMessage> requests) {
    return onOneConnection(
        requests.stream().<Exchange>map(request -> client -> client.exchange(request)).toList());
  }

  /** Runs a conversation without and with the mirror; client and primary must see the same. */
  final List<String> compare(Conversation conversation) throws Exception {
    List<String> responses = compareResponses(conversation);
    List<String> seen = primary().requests().stream().map(GatewayHarness::describe).toList();
    int half = responses.size();
    assertThat(seen).as("requests at the primary").hasSize(2 * half);
    assertThat(seen.subList(half, seen.size()).stream().sorted())
        .as("what reaches the primary with the mirror")
        .isEqualTo(seen.subList(0, half).stream().sorted().toList());
    return responses;
  }

  /** As {@link #compare}, but not every request has to reach the primary. */
  final List<String> compareResponses(Conversation conversation) throws Exception {
    List<String> without = responses(Objects.requireNonNull(plain).port(), conversation);
    List<String> with = responses(mirroredPort(), conversation);
    assertThat(with).as("responses with the mirror").isEqualTo(without);
    return with;
  }

  static List<String> responses(int port, Conversation conversation) throws Exception {
    return conversation.hold(port).stream().map(GatewayHarness::describe).toList();
  }

  private static String describe(HttpMessage message) {
    List<String> lines =
        message.headerLines().stream().filter(line -> !line.startsWith("Date:")).toList();
    String body =
        message.body().length < 1000
            ? new String(message.body(), StandardCharsets.ISO_8859_1)
            : message.body().length + " bytes " + Arrays.hashCode(message.body());
    String text = message.startLine() + "\n" + String.join("\n", lines) + "\n\n" + body;
    return RANDOM.matcher(text).replaceAll("RANDOM");
  }

  static Exchange post(String target, byte[] body, String... headers) {
    return client -> client.exchange(body, head(target, "Content-Length: " + body.length, headers));
  }

  static Exchange chunked(String target, byte[] body, int chunkSize, String... headers) {
    return client -> {
      client.send(EMPTY, head(target, "Transfer-Encoding: chunked", headers));
      for (int from = 0; from < body.length; from += chunkSize) {
        int size = Math.min(chunkSize, body.length - from);
        client.out().write((Integer.toHexString(size) + "\r\n").getBytes(US_ASCII));
        client.out().write(body, from, size);
        client.out().write("\r\n".getBytes(US_ASCII));
      }
      client.out().write("0\r\n\r\n".getBytes(US_ASCII));
      client.out().flush();
      return client.receive(false);
    };
  }

  static String[] head(String target, String framing, String... headers) {
    List<String> lines = new ArrayList<>(List.of("POST " + target + " HTTP/1.1", "Host: a"));
    lines.add(framing);
    lines.addAll(List.of(headers));
    return lines.toArray(String[]::new);
  }
}
