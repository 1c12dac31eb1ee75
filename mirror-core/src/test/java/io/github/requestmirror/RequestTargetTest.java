package io.github.requestmirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.Heads;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.Wire;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The forms of a request target (RFC 9112 3.2), as policies see them and as copies have them. */
class RequestTargetTest {
  @RegisterExtension final Conservation conservation = new Conservation();
  private final TestTarget server = new TestTarget();

  @AfterEach
  void closeServer() {
    server.close();
  }

  private Mirror start(MirrorPolicy.Builder policy) {
    MirrorTarget target =
        MirrorTarget.builder(server.uri().resolve("/base")).name("secondary").build();
    return conservation.watch(Mirror.start(target, policy.build()));
  }

  private static void send(Mirror mirror, RequestHead head) {
    Wire.send(mirror, head, new byte[0]);
    Conservation.awaitSettled(mirror);
  }

  private static long count(Mirror mirror, Outcome outcome) {
    return mirror.stats().target("secondary").count(outcome);
  }

  private List<String> received() {
    return server.requests().stream().map(HttpMessage::requestTarget).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "http://host/api/x?q=1, /base/api/x?q=1",
    "HTTP://host:9009/api/x, /base/api/x",
    "https://[::1]:1/api//a%2Fb?, /base/api//a%2Fb?",
    "http://a%2db_c.d:/api/http://other/y, /base/api/http://other/y"
  })
  void absoluteForm_isMatchedAndCopiedByItsPath(String target, String copied) {
    Mirror mirror = start(MirrorPolicy.builder().pathPrefix("/api"));
    send(mirror, Heads.head("GET", target));
    assertThat(received()).containsExactly(copied);
  }

  @ParameterizedTest
  @CsvSource({"http://host, /base/", "http://host?q, /base/?q", "'', /base/", "?q=1, /base/?q=1"})
  void emptyPath_isCopiedAsSlash(String target, String copied) {
    Mirror mirror = start(MirrorPolicy.builder().path("/"));
    send(mirror, Heads.head("GET", target));
    assertThat(received()).containsExactly(copied);
  }

  @Test
  void deniedEndpoint_isDeniedInAbsoluteForm() {
    Mirror mirror = start(Cortex.everything());
    send(mirror, Heads.head("GET", "http://host/ingester/shutdown"));
    send(mirror, Heads.head("POST", "http://host/../%66lush?x"));
    assertThat(count(mirror, Outcome.DENIED)).isEqualTo(2);
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void asterisk_isCopiedForOptionsOnly() {
    Mirror mirror = start(MirrorPolicy.builder());
    send(mirror, Heads.head("OPTIONS", "*"));
    send(mirror, Heads.head("GET", "*"));
    send(mirror, Heads.head("options", "*"));
    assertThat(received()).containsExactly("*");
    assertThat(count(mirror, Outcome.POLICY_ERROR)).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/a?b",
        "/ingester/shutdown#",
        "http://host/a?b",
        "http://host#/a",
        "host:443",
        "relative",
        "ftp://host/a",
        "http:/host/a",
        "http:///a",
        "http://user:secret@host/a",
        "http://host\\a/b",
        "http://host:9a/b",
        "http://[::1/b",
        " /a"
      })
  void otherForm_isRefusedBeforeThePolicySeesIt(String path) {
    List<RequestHead> seen = new CopyOnWriteArrayList<>();
    Mirror mirror = start(MirrorPolicy.builder().when(seen::add));
    send(mirror, RequestHead.of("GET", path, null, Headers.of()));
    assertThat(seen).isEmpty();
    assertThat(server.requests()).isEmpty();
    assertThat(count(mirror, Outcome.POLICY_ERROR)).isEqualTo(1);
  }

  /** RFC 9112 3.2.2. */
  @Test
  void authorityOfAbsoluteForm_replacesHost() {
    List<String> seen = new CopyOnWriteArrayList<>();
    Mirror mirror =
        start(
            MirrorPolicy.builder()
                .keepHost()
                .when(head -> seen.add(head.header("host") + " " + head.headers().values("HOST"))));
    send(mirror, Heads.head("GET", "http://real:81/", "X-A", "1", "Host", "other"));
    assertThat(seen).containsExactly("real:81 [real:81]");
    assertThat(server.requests().get(0).headers("Host")).containsExactly("real:81");
    assertThat(server.requests().get(0).headers("X-A")).containsExactly("1");
  }
}
