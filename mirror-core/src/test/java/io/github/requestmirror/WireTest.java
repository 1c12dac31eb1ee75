package io.github.requestmirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.Heads;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.Wire;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The copies as received by the target, byte for byte. */
class WireTest {
  @RegisterExtension final Conservation conservation = new Conservation();
  private final TestTarget server = new TestTarget();
  private Mirror mirror = start("");

  private Mirror start(String basePath) {
    return Mirror.start(
        MirrorTarget.builder(server.uri().resolve(basePath)).name("secondary").build(),
        MirrorPolicy.builder().build());
  }

  @BeforeEach
  void watch() {
    conservation.watch(mirror);
  }

  @AfterEach
  void closeServer() {
    server.close();
  }

  private HttpMessage sent(RequestHead head, byte[] body) {
    int before = server.requests().size();
    Wire.send(mirror, head, body);
    Conservation.awaitSettled(mirror);
    assertThat(mirror.stats().target("secondary").count(Outcome.ACCEPTED))
        .as("accepted of %s", mirror.stats())
        .isEqualTo(before + 1);
    assertThat(server.requests()).hasSize(before + 1);
    return server.requests().get(before);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        0, 1, 8191, 8192, 8193, 32767, 32768, 32769, 262143, 262144, 262145, 600_000, 5 << 20
      })
  void sendsBodiesOfEverySizeUnchanged(int size) {
    byte[] body = Wire.bytes(size, size);
    HttpMessage declared =
        sent(Heads.head("POST", "/", "Content-Length", Integer.toString(size)), body);
    HttpMessage unknown = sent(Heads.head("POST", "/", "Transfer-Encoding", "chunked"), body);
    for (HttpMessage got : List.of(declared, unknown)) {
      assertThat(got.body()).isEqualTo(body);
      assertThat(got.headers("Content-Length")).containsExactly(Integer.toString(size));
      assertThat(got.header("Transfer-Encoding")).isNull();
    }
  }

  /** A reencoded body may differ from the request's Content-Length. */
  @Test
  void marksAndCountsReencodedBody() {
    Capture capture =
        mirror.capture(
            Heads.head("POST", "/form", "Content-Length", "999", "X-Request-Mirror-Note", "kept"));
    capture.write("a=1".getBytes(StandardCharsets.US_ASCII), 0, 3);
    capture.completeReencoded();
    capture.completeReencoded();
    capture.primaryResponded(200);
    Conservation.awaitSettled(mirror);
    MirrorStats.Target stats = mirror.stats().target("secondary");
    assertThat(stats.count(Outcome.ACCEPTED)).isEqualTo(1);
    assertThat(stats.reencoded()).isEqualTo(1);
    HttpMessage copy = server.requests().get(0);
    assertThat(copy.body()).asString().isEqualTo("a=1");
    assertThat(copy.header("Content-Length")).isEqualTo("3");
    assertThat(copy.header("X-Request-Mirror")).isEqualTo("reencoded");
    assertThat(sent(Heads.head("POST", "/"), new byte[1]).header("X-Request-Mirror"))
        .isEqualTo("1");
    assertThat(mirror.stats().target("secondary").reencoded()).isEqualTo(1);
  }

  /** If an adapter does not reject them, they must not smuggle a second request to the target. */
  @ParameterizedTest
  @CsvSource({
    "'GET /shutdown HTTP/1.1\r\nHost: x\r\n\r\nPOST', A",
    "POST, 'X: a\r\nTransfer-Encoding: chunked\r\nY'",
    "POST, 'A B'",
    "POST, ''"
  })
  void doesNotSend_invalidMethodOrHeaderName(String method, String name) {
    Wire.send(mirror, Heads.head(method, "/x", name, "1"), new byte[10]);
    Conservation.awaitSettled(mirror);
    assertThat(server.requests()).isEmpty();
    assertThat(mirror.stats().target("secondary").count(Outcome.POLICY_ERROR)).isEqualTo(1);
  }

  @Test
  void addsOnlyHostMarkerAndFraming() {
    assertThat(sent(Heads.head("GET", "/get"), new byte[0]).headerLines())
        .containsExactlyInAnyOrder(
            "Host: 127.0.0.1:" + server.port(), "X-Request-Mirror: 1", "Connection: keep-alive");
    assertThat(sent(Heads.head("POST", "/post"), new byte[3]).headerLines())
        .containsExactlyInAnyOrder(
            "Host: 127.0.0.1:" + server.port(),
            "X-Request-Mirror: 1",
            "Content-Length: 3",
            "Connection: keep-alive");
  }

  @Test
  void keepsHeaderOrderRepeatsAndLatin1() {
    String latin1 = "caf\u00e9 \u00ff";
    List<String> lines =
        sent(
                Heads.head(
                    "POST",
                    "/",
                    "x-b",
                    "1",
                    "User-Agent",
                    "none",
                    "X-A",
                    latin1,
                    "X-B",
                    "2",
                    "Accept-Encoding",
                    "br",
                    "content-type",
                    "a/b; c=d",
                    "Content-Encoding",
                    "snappy"),
                new byte[1])
            .headerLines();
    assertThat(lines)
        .containsSubsequence(
            "x-b: 1",
            "User-Agent: none",
            "X-A: " + latin1,
            "X-B: 2",
            "Accept-Encoding: br",
            "content-type: a/b; c=d",
            "Content-Encoding: snappy");
  }

  /** RFC 9110 5.5. A line break would allow request smuggling. */
  @Test
  void replacesControlCharactersInHeaderValuesBySpaces() {
    StringBuilder value = new StringBuilder("a");
    StringBuilder expected = new StringBuilder("a");
    for (char c = 0; c <= 0xff; c++) {
      value.append(c).append('.');
      expected.append((c < ' ' && c != '\t') || c == 0x7f ? ' ' : c).append('.');
    }
    HttpMessage got = sent(Heads.head("GET", "/", "X-All", value.toString()), new byte[0]);
    assertThat(got.header("X-All")).isEqualTo(expected.toString());
  }

  /** The header cannot be sent unchanged, but the copy should not be lost because of it. */
  @Test
  void replacesHeaderCharacterBeyondLatin1() {
    HttpMessage got = sent(Heads.head("GET", "/", "X-Euro", "1\u20ac"), new byte[0]);
    assertThat(got.header("X-Euro")).isEqualTo("1?");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "//x",
        "//x//y//",
        "///",
        "/a|b",
        "/{}",
        "/%zz",
        "/%",
        "/a%2Fb%2fc",
        "/a+b;c=d",
        "/..;/x",
        "/./a/../b",
        "/\"<>^`[]\\",
        "/\u00e4",
        "/?",
        "/??",
        "/?a=|",
        "/?a=b&c=%20+%zz",
        "/a?b=c?d=e#f",
        "/a:b@c!$&'()*,",
        "/x?match[]=up{a=\"b\"}",
        "/http://other/"
      })
  void sendsPathAndQueryUnchanged(String target) {
    assertThat(sent(Heads.head("GET", target), new byte[0]).requestTarget()).isEqualTo(target);
    assertThat(sent(Heads.head("POST", target), new byte[1]).requestTarget()).isEqualTo(target);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "//x", "/a%2Fb", "/?", "/a|b?c=|"})
  void prependsBasePath(String target) {
    mirror = conservation.watch(start("/base/%2F//"));
    assertThat(sent(Heads.head("GET", target), new byte[0]).requestTarget())
        .isEqualTo("/base/%2F" + target);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, 0",
    "GET, 5",
    "HEAD, 0",
    "POST, 0",
    "POST, 5",
    "PUT, 0",
    "PUT, 5",
    "PATCH, 5",
    "DELETE, 0",
    "DELETE, 5",
    "OPTIONS, 0",
    "OPTIONS, 5",
    "TRACE, 0",
    "post, 0",
    "post, 5",
    "get, 0",
    "options, 5",
    "PROPFIND, 5",
    "M-SEARCH, 0",
    "PRI, 0",
    "custom!, 5"
  })
  void sendsEveryMethodUnchanged(String method, int size) {
    byte[] body = Wire.bytes(size, 1);
    HttpMessage got = sent(Heads.head(method, "/path"), body);
    assertThat(got.startLine()).isEqualTo(method + " /path HTTP/1.1");
    assertThat(got.body()).isEqualTo(body);
    assertThat(got.header("Content-Type")).isNull();
    if (size == 0
        && !List.of("POST", "PUT", "PATCH")
            .contains(got.method().toUpperCase(java.util.Locale.ROOT))) {
      assertThat(got.header("Content-Length")).isNull();
    }
  }

  /** RFC 9110 9.3.8 forbids a body, and the HTTP client rejects it. */
  @ParameterizedTest
  @ValueSource(strings = {"TRACE", "trace"})
  void skips_traceWithBodyWithoutOpeningTheBreaker(String method) {
    for (int i = 0; i < 20; i++) {
      Wire.send(mirror, Heads.head(method, "/"), new byte[1]);
    }
    Conservation.awaitSettled(mirror);
    MirrorStats.Target stats = mirror.stats().target("secondary");
    assertThat(stats.count(Outcome.BODY_UNSUPPORTED)).isEqualTo(20);
    assertThat(stats.up()).isTrue();
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void reusesConnection() {
    for (int i = 0; i < 50; i++) {
      sent(Heads.head("POST", "/" + i), Wire.bytes(i * 100, i));
    }
    assertThat(server.connectionsAccepted()).isEqualTo(1);
  }
}
