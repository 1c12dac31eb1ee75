package io.github.requestmirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.Heads;
import io.github.requestmirror.testing.LogGuard;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.Wire;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Neither logs nor events show text of a request that may be secret. */
class SecretsTest {
  @RegisterExtension final Conservation conservation = new Conservation();
  @RegisterExtension final LogGuard log = new LogGuard();
  private final TestTarget server = new TestTarget();
  private final List<MirrorListener.Event> events = new CopyOnWriteArrayList<>();

  @AfterEach
  void closeServer() {
    server.close();
  }

  private Mirror start(MirrorPolicy policy) {
    return conservation.watch(
        Mirror.builder()
            .target(MirrorTarget.builder(server.uri()).name("secondary").build(), policy)
            .listener(events::add)
            .start());
  }

  private void assertLogged(Mirror mirror, String expected) {
    Conservation.awaitSettled(mirror);
    assertThat(mirror.stats().target("secondary").count(Outcome.POLICY_ERROR)).isEqualTo(1);
    mirror.close();
    assertThat(log.warnings()).anyMatch(line -> line.contains(expected));
    assertThat(log.warnings()).noneMatch(line -> line.contains("hush"));
  }

  @ParameterizedTest
  @CsvSource({
    "GET, '/hush\u0007', null, X, character 0x07 at position 5 of the path",
    "GET, '/\u20ac?hush', null, X, character 0x3f at position 2 of the path",
    "GET, /a, 'token=hush b', X, character 0x20 at position 10 of the query",
    "GET, /a, 't=hush\u20ac', X, character 0x20ac at position 6 of the query",
    "GET, 'http://hush@host/', null, X, the authority of the request target",
    "GET, 'hush', null, X, the request target",
    "'hush ', '/', null, X, a method or header name is not a token",
    "GET, '/', null, 'hush:', a method or header name is not a token"
  })
  void loggedReasonNamesThePositionAndNotTheText(
      String method, String path, String query, String header, String expected) {
    Mirror mirror = start(MirrorPolicy.builder().build());
    String rawQuery = "null".equals(query) ? null : query;
    Wire.send(
        mirror, RequestHead.of(method, path, rawQuery, Headers.of(header, "hush")), new byte[0]);
    assertLogged(mirror, expected);
  }

  @ParameterizedTest
  @CsvSource({
    "'', does not start with",
    "'?hush', character 0x3f at position 1 of the path",
    "'#hush', character 0x23 at position 1 of the path",
    "' hush', character 0x20 at position 1 of the path"
  })
  void loggedReasonDoesNotContainTheRewrittenPath(String appended, String expected) {
    Mirror mirror =
        start(
            MirrorPolicy.builder()
                .rewritePath(path -> appended.isEmpty() ? "hush" : "/" + appended)
                .build());
    Wire.get(mirror, "/");
    assertLogged(mirror, expected);
  }

  @Test
  void eventShowsMethodAndPathOnly() {
    Mirror mirror = start(MirrorPolicy.builder().forwardCredentials(true).build());
    Wire.send(mirror, Heads.head("POST", "/push?token=hush", "Authorization", "hush"), new byte[5]);
    Conservation.awaitSettled(mirror);
    await().until(() -> !events.isEmpty());
    MirrorListener.Event event = events.get(0);
    assertThat(event.head().rawQuery()).isEqualTo("token=hush");
    assertThat(event.toString())
        .contains("secondary", "POST /push", "ACCEPTED", "204", "bodyBytes=5")
        .doesNotContain("hush");
    assertThat(event.head()).hasToString("POST /push");
  }

  @Test
  void headShowsMethodAndPathOnly() {
    assertThat(Heads.head("GET", "/a?hush", "X-A", "hush")).hasToString("GET /a");
  }
}
