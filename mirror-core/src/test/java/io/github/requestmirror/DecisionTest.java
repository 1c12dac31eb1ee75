package io.github.requestmirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.Heads;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.Wire;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which requests a running mirror copies. */
class DecisionTest {
  @RegisterExtension final Conservation conservation = new Conservation();
  private final TestTarget server = new TestTarget();

  @AfterEach
  void closeServer() {
    server.close();
  }

  private MirrorTarget target() {
    return MirrorTarget.builder(server.uri()).name("secondary").build();
  }

  private Mirror start(MirrorPolicy.Builder policy) {
    return conservation.watch(Mirror.start(target(), policy.build()));
  }

  private static Capture get(Mirror mirror, String path, String... headers) {
    Capture capture = mirror.capture(Heads.head("GET", path, headers));
    capture.complete();
    capture.primaryResponded(200);
    return capture;
  }

  private static long count(Mirror mirror, Outcome outcome) {
    return mirror.stats().target("secondary").count(outcome);
  }

  @Test
  void doesNotCapture_requestThatDoesNotMatch() {
    Mirror mirror = start(MirrorPolicy.builder().path("/wanted"));
    assertThat(mirror.capture(Heads.head("GET", "/other"))).isSameAs(Capture.none());
    assertThat(count(mirror, Outcome.NOT_MATCHED)).isEqualTo(1);
  }

  @Test
  void replacesPolicyWhileRunning() {
    Mirror mirror = start(MirrorPolicy.builder().setHeader("X-Policy", "old"));
    Capture before = mirror.capture(Heads.head("POST", "/before"));
    MirrorPolicy none = MirrorPolicy.builder().fraction(0).build();
    mirror.replacePolicy("secondary", none);
    assertThat(mirror.policy("secondary")).isSameAs(none);
    get(mirror, "/none");
    mirror.replacePolicy("secondary", MirrorPolicy.builder().setHeader("X-Policy", "new").build());
    before.complete();
    Conservation.awaitSettled(mirror);
    get(mirror, "/after");
    Conservation.awaitSettled(mirror);
    assertThat(server.requests().stream().map(r -> r.method() + " " + r.header("X-Policy")))
        .containsExactly("POST old", "GET new");
    assertThat(count(mirror, Outcome.NOT_SAMPLED)).isEqualTo(1);
  }

  @Test
  void killSwitchStopsAndResumesMirroring() {
    Mirror mirror = start(MirrorPolicy.builder());
    Capture open = mirror.capture(Heads.head("POST", "/pending"));
    mirror.enabled(false);
    assertThat(mirror.enabled()).isFalse();
    assertThat(get(mirror, "/off")).isSameAs(Capture.none());
    open.complete();
    mirror.enabled(true);
    get(mirror, "/on");
    Conservation.awaitSettled(mirror);
    assertThat(server.requests().stream().map(HttpMessage::requestTarget))
        .containsExactlyInAnyOrder("/pending", "/on");
    assertThat(count(mirror, Outcome.DISABLED)).isEqualTo(1);
  }

  @Test
  void doesNotMirrorACopyAgain() {
    Mirror mirror = start(MirrorPolicy.builder());
    get(mirror, "/original");
    Conservation.awaitSettled(mirror);
    HttpMessage copy = server.requests().get(0);
    assertThat(copy.headers("X-Request-Mirror")).containsExactly("1");
    assertThat(mirror.capture(Heads.of(copy))).isSameAs(Capture.none());
    assertThat(count(mirror, Outcome.LOOP)).isEqualTo(1);
  }

  @Test
  void markerHeaderCanBeChanged() {
    Mirror mirror =
        conservation.watch(
            Mirror.builder()
                .target(target(), MirrorPolicy.builder().build())
                .markerHeader("X-Loop")
                .start());
    get(mirror, "/marked", "x-loop", "");
    get(mirror, "/other", "X-Request-Mirror", "1");
    Conservation.awaitSettled(mirror);
    assertThat(server.requests()).hasSize(1);
    assertThat(server.requests().get(0).headers("X-Loop")).containsExactly("1");
    assertThat(server.requests().get(0).headers("X-Request-Mirror")).containsExactly("1");
    assertThat(count(mirror, Outcome.LOOP)).isEqualTo(1);
  }

  /** The target is the gateway itself: it receives each copy and does not mirror it again. */
  @Test
  void doesNotLoop_whenTheTargetIsTheGatewayItself() {
    Mirror mirror = start(MirrorPolicy.builder());
    server.behave(
        (request, out) -> {
          Capture capture = mirror.capture(Heads.of(request));
          capture.complete();
          capture.primaryResponded(204);
          TestTarget.status(204).handle(request, out);
        });
    for (int i = 0; i < 20; i++) {
      get(mirror, "/self/" + i);
    }
    Conservation.awaitSettled(mirror);
    assertThat(server.requests()).hasSize(20);
    assertThat(count(mirror, Outcome.ACCEPTED)).isEqualTo(20);
    assertThat(count(mirror, Outcome.LOOP)).isEqualTo(20);
  }

  @ParameterizedTest
  @ValueSource(strings = {"websocket", "WebSocket", "h2c, websocket"})
  void skipsWebSocket(String protocol) {
    Mirror mirror = start(MirrorPolicy.builder());
    assertThat(get(mirror, "/", "Connection", "Upgrade", "Upgrade", protocol))
        .isSameAs(Capture.none());
    assertThat(count(mirror, Outcome.UPGRADE)).isEqualTo(1);
  }

  @Test
  void skipsConnect() {
    Mirror mirror = start(MirrorPolicy.builder());
    assertThat(mirror.capture(Heads.head("CONNECT", "h:443"))).isSameAs(Capture.none());
    // The HTTP client would reject it, which would count as a failure of the target.
    assertThat(mirror.capture(Heads.head("connect", "h:443"))).isSameAs(Capture.none());
    assertThat(count(mirror, Outcome.UPGRADE)).isEqualTo(2);
  }

  @Test
  void skipsWebSocketInASecondUpgradeHeader() {
    Mirror mirror = start(MirrorPolicy.builder());
    get(mirror, "/", "Upgrade", "h2c", "upgrade", "websocket");
    assertThat(count(mirror, Outcome.UPGRADE)).isEqualTo(1);
  }

  /** A web socket begins with GET (RFC 6455 4.1), so no other request can hide behind it. */
  @Test
  void mirrorsPostWithUpgradeToWebSocket() {
    Mirror mirror = start(MirrorPolicy.builder());
    Wire.post(mirror, "/", new byte[3], "Connection", "Upgrade", "Upgrade", "websocket");
    Conservation.awaitSettled(mirror);
    assertThat(server.requests()).hasSize(1);
    assertThat(server.requests().get(0).header("Upgrade")).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"h2c", "H2C", "TLS/1.0", "TLS/1.2", "spdy/3.1", "made-up", "", "websockets"})
  void mirrorsRequestWithOtherUpgrade(String protocol) {
    Mirror mirror = start(MirrorPolicy.builder());
    get(
        mirror,
        "/h2c",
        "Connection",
        "Upgrade, HTTP2-Settings",
        "Upgrade",
        protocol,
        "HTTP2-Settings",
        "AAMAAABk");
    Conservation.awaitSettled(mirror);
    assertThat(server.requests()).hasSize(1);
    assertThat(server.requests().get(0).header("Upgrade")).isNull();
    assertThat(server.requests().get(0).header("HTTP2-Settings")).isNull();
  }

  private static Arguments fault(String name, Throwable thrown) {
    return Arguments.of(name, thrown);
  }

  static Stream<Arguments> faults() {
    return Stream.of(
        fault("RuntimeException", new IllegalStateException("on purpose")),
        fault("Error", new AssertionError("on purpose")),
        fault("LinkageError", new NoClassDefFoundError("on purpose")),
        fault("StackOverflowError", new StackOverflowError()));
  }

  private static RuntimeException raise(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) thrown;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  void countsExceptionOfPolicyFunction(String name, Throwable thrown) {
    Stream<Consumer<MirrorPolicy.Builder>> policies =
        Stream.of(
            policy ->
                policy.when(
                    head -> {
                      throw raise(thrown);
                    }),
            policy ->
                policy
                    .fraction(0.5)
                    .sampleBy(
                        head -> {
                          throw raise(thrown);
                        }),
            policy ->
                policy.scope(
                    head -> {
                      throw raise(thrown);
                    }),
            policy ->
                policy.rewritePath(
                    path -> {
                      throw raise(thrown);
                    }));
    policies.forEach(
        faulty -> {
          MirrorPolicy.Builder policy = MirrorPolicy.builder();
          faulty.accept(policy);
          Mirror mirror = start(policy);
          assertThatCode(() -> get(mirror, "/")).doesNotThrowAnyException();
          Conservation.awaitSettled(mirror);
          assertThat(count(mirror, Outcome.POLICY_ERROR)).isEqualTo(1);
        });
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void countsEndlessRecursionOfPredicate() {
    Mirror mirror = start(MirrorPolicy.builder().when(DecisionTest::recurse));
    for (int i = 0; i < 20; i++) {
      assertThatCode(() -> get(mirror, "/")).doesNotThrowAnyException();
    }
    assertThat(count(mirror, Outcome.POLICY_ERROR)).isEqualTo(20);
  }

  @SuppressWarnings("InfiniteRecursion")
  private static boolean recurse(RequestHead head) {
    return !recurse(head);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "relative", "/a b", "/a?b", "/a#b", "/a\r\nX: y", "/\u20ac"})
  void countsInvalidRewrittenPathAsPolicyError(String path) {
    Mirror mirror = start(MirrorPolicy.builder().rewritePath(original -> path));
    get(mirror, "/");
    Conservation.awaitSettled(mirror);
    assertThat(count(mirror, Outcome.POLICY_ERROR)).isEqualTo(1);
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void deniesPathAfterRewriteAndBasePath() {
    MirrorPolicy policy =
        MirrorPolicy.builder()
            .deny("*", "/ingester/shutdown")
            .rewritePath(path -> path.replace("harmless", "shutdown"))
            .build();
    Mirror mirror =
        conservation.watch(
            Mirror.start(
                MirrorTarget.builder(server.uri().resolve("/ingester")).name("secondary").build(),
                policy));
    get(mirror, "/harmless");
    get(mirror, "/%68armless/..;/shutdown");
    get(mirror, "/other");
    Conservation.awaitSettled(mirror);
    assertThat(count(mirror, Outcome.DENIED)).isEqualTo(2);
    assertThat(server.requests().stream().map(HttpMessage::requestTarget))
        .containsExactly("/ingester/other");
  }

  /** An adapter's view may fail, for example after the container has recycled the request. */
  @Test
  void countsUnreadableHead() {
    Mirror mirror = start(MirrorPolicy.builder());
    RequestHead broken =
        Heads.unreadable(
            () -> {
              throw new IllegalStateException("recycled");
            });
    assertThat(mirror.capture(broken)).isSameAs(Capture.none());
    assertThat(count(mirror, Outcome.INTERNAL_ERROR)).isEqualTo(1);
  }
}
