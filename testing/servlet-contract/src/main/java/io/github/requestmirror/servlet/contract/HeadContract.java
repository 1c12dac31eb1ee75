package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.MirrorTraceContext;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RawClient;
import io.github.requestmirror.testing.RecordedRequests;
import io.github.requestmirror.testing.TestTarget;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Path, query and headers reach the target as they were sent. */
abstract class HeadContract extends ServletContract {
  /** Fields of one connection or host, and the marker. */
  private static final Set<String> OWN = Set.of("host", "connection", "x-request-mirror");

  HeadContract(Container container) {
    super(container);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/p",
        "/p?a=1&&b=2&",
        "/p?a=%20+%2B&b==c",
        "/p?q=a/b?c:d@e;f",
        "/a%2Fb",
        "/a%2fb/%7Euser/%E2%98%83",
        "/a+b",
        "/a;x=1/b;y",
        "/a;jsessionid=123?x",
        "//a//b/",
        "/a/./b",
        "/a/c/../b",
        "/a%20b%25c",
        "/!$&'()*,:@-._~",
        "/api/%7euser/%C3%A4%20b+c/%25?x=%2F%26%3D+&y=%2b&&z&u=a%00"
      })
  void pathAndQueryArriveByteForByte(String target) throws Exception {
    View view =
        check(
            (request, response) ->
                respond(response, request.getRequestURI() + ' ' + request.getQueryString()),
            get(target));
    assertThat(view.response()).startsWith("HTTP/1.1 200");
    assertThat(assertCopied(EMPTY).requestTarget()).isEqualTo(target);
  }

  /** Some containers reject or change these; the copy has the query as the container reports it. */
  @ParameterizedTest
  @ValueSource(strings = {"/p?", "/p??", "/p?a=%zz"})
  void oddQueriesArriveAsTheContainerHasThem(String target) throws Exception {
    View view =
        check(
            (request, response) -> {
              String query = request.getQueryString();
              respond(response, request.getRequestURI() + (query == null ? "" : '?' + query));
            },
            get(target));
    if (view.response().startsWith("HTTP/1.1 400")) {
      assertThat(outcomes()).isEmpty();
    } else {
      assertThat(view.response()).endsWith("\n\n" + assertCopied(EMPTY).requestTarget());
    }
  }

  @Test
  void absoluteFormArrivesAsAPath() throws Exception {
    check(
        (request, response) ->
            respond(response, request.getRequestURI() + ' ' + request.getQueryString()),
        client ->
            client.exchange(EMPTY, "GET http://gateway/a%20b?c=%20 HTTP/1.1", "Host: gateway"));
    assertThat(assertCopied(EMPTY).requestTarget()).isEqualTo("/a%20b?c=%20");
  }

  /** Some containers reject it. */
  @ParameterizedTest
  @ValueSource(strings = {"", "?c=%20", "/"})
  void absoluteFormWithoutAPathArrivesAsSlash(String pathAndQuery) throws Exception {
    View view =
        check(
            (request, response) -> respond(response, "ok"),
            client ->
                client.exchange(
                    EMPTY, "GET http://gateway" + pathAndQuery + " HTTP/1.1", "Host: gateway"));
    if (view.response().startsWith("HTTP/1.1 400")) {
      assertThat(outcomes()).isEmpty();
    } else {
      assertThat(assertCopied(EMPTY).requestTarget())
          .isEqualTo(
              pathAndQuery.isEmpty() ? "/" : pathAndQuery.replace("?", "/?").replace("//", "/"));
    }
  }

  /** Some containers reject a method that is not OPTIONS. */
  @Test
  void asteriskOfOtherMethodsIsNotCopied() throws Exception {
    check(
        (request, response) -> respond(response, request.getRequestURI()),
        client -> client.exchange(EMPTY, "GET * HTTP/1.1", "Host: gateway"));
    assertThat(target.requests()).isEmpty();
  }

  /** HttpClient 5.4 sends TLS/1.2 with its requests, and no server has to switch. */
  @ParameterizedTest
  @ValueSource(strings = {"TLS/1.2", "made-up"})
  void requestWithAnUnknownUpgradeIsMirroredWithoutIt(String protocol) throws Exception {
    check(
        (request, response) -> respond(response, "ok"),
        client ->
            client.exchange(
                EMPTY,
                "GET / HTTP/1.1",
                "Host: gateway",
                "Connection: Upgrade",
                "Upgrade: " + protocol));
    assertThat(assertCopied(EMPTY).headers("Upgrade")).isEmpty();
  }

  @Test
  void webSocketIsNotMirrored() throws Exception {
    check(
        (request, response) -> respond(response, "ok"),
        client ->
            client.exchange(
                EMPTY,
                "GET / HTTP/1.1",
                "Host: gateway",
                "Connection: Upgrade",
                "Upgrade: websocket"));
    assertNotCopied(Outcome.UPGRADE);
  }

  /** The bytes after the head are those of the other protocol. */
  @Test
  void requestThatThePrimarySwitchesIsNotMirrored() throws Exception {
    application((request, response) -> response.setStatus(101));
    try (RawClient client = new RawClient(mirroredPort())) {
      client.send(
          ascii("ab"),
          "POST / HTTP/1.1",
          "Host: gateway",
          "Connection: Upgrade",
          "Upgrade: made-up",
          "Content-Length: 5");
      await().until(() -> !outcomes().isEmpty());
    }
    assertNotCopied(Outcome.UPGRADE);
  }

  @Test
  void tenantNamedByConnectionIsCopied() throws Exception {
    check(
        (request, response) -> respond(response, "ok"),
        client ->
            client.exchange(
                EMPTY,
                "GET / HTTP/1.1",
                "Host: gateway",
                "Connection: X-Scope-OrgID",
                "X-Scope-OrgID: tenant"));
    assertThat(assertCopied(EMPTY).header("X-Scope-OrgID")).isEqualTo("tenant");
  }

  @Test
  void serverWideOptionsAreServed() throws Exception {
    check(
        (request, response) -> respond(response, request.getRequestURI()),
        client -> client.exchange(EMPTY, "OPTIONS * HTTP/1.1", "Host: gateway"));
    // Some containers respond themselves.
    assertThat(outcomes().values()).allMatch(count -> count == 1);
  }

  @Test
  void headersArriveInOrderWithTheirRepeats() throws Exception {
    check(
        (request, response) -> {
          request.getInputStream().readAllBytes();
          respond(response, Collections.list(request.getHeaders("x-repeat")).toString());
        },
        post(
            ascii("x"),
            "X-Repeat: one",
            "X-Repeat: two, three",
            "X-Repeat:",
            "X-Repeat: one",
            "Content-Type: application/x-protobuf;proto=io.prometheus.write.v2.Request; q=\"a;b\"",
            "Accept: text/html;q=0.5, */*",
            "User-Agent: Prometheus/2.42.0",
            "X-Scope-OrgID: tenant|other",
            "X-Empty:",
            "Cookie: a=b"));
    List<String> sent =
        List.of(
            "content-length: 1",
            "x-repeat: one",
            "x-repeat: two, three",
            "x-repeat: ",
            "x-repeat: one",
            "content-type: application/x-protobuf;proto=io.prometheus.write.v2.Request; q=\"a;b\"",
            "accept: text/html;q=0.5, */*",
            "user-agent: Prometheus/2.42.0",
            "x-scope-orgid: tenant|other",
            "x-empty: ");
    assertThat(fields(assertCopied(ascii("x")))).isEqualTo(inOrder(sent));
  }

  @Test
  void repeatsThatDifferInCaseAreNotDoubled() throws Exception {
    check(
        (request, response) -> respond(response, "ok"),
        client ->
            client.exchange(
                EMPTY,
                "GET / HTTP/1.1",
                "Host: gateway",
                "X-Repeat: 1",
                "x-repeat: 2",
                "X-REPEAT: 3",
                "accept: a/b",
                "Accept: c/d"));
    HttpMessage copy = assertCopied(EMPTY);
    assertThat(copy.headers("X-Repeat")).containsExactly("1", "2", "3");
    assertThat(copy.headers("Accept")).containsExactly("a/b", "c/d");
  }

  @Test
  void bytesBeyondAsciiSurvive() throws Exception {
    check(
        (request, response) -> respond(response, "ok"),
        client ->
            client.exchange(
                EMPTY, "GET / HTTP/1.1", "Host: gateway", "X-Name: J\u00fcrgen \u00a7\u00ff"));
    assertThat(assertCopied(EMPTY).headers("X-Name")).containsExactly("J\u00fcrgen \u00a7\u00ff");
  }

  /** Some clients send UTF-8 in fields. */
  @Test
  void bytesOfUtf8Survive() throws Exception {
    String utf8 = new String("☃ ü".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    check(
        (request, response) -> respond(response, "ok"),
        client -> client.exchange(EMPTY, "GET / HTTP/1.1", "Host: gateway", "X-Name: " + utf8));
    assertThat(assertCopied(EMPTY).headers("X-Name")).containsExactly(utf8);
  }

  @ParameterizedTest
  @CsvSource({"DROP, , ", "UNSAMPLED, 00, 0", "KEEP, 01, d"})
  void traceContextIsThatOfThePolicy(MirrorTraceContext context, String flags, String state)
      throws Exception {
    String ids = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-";
    mirror(limits -> limits, policy -> policy.traceContext(context));
    View view =
        check(
            (request, response) -> respond(response, request.getHeader("traceparent")),
            client ->
                client.exchange(
                    EMPTY,
                    "GET / HTTP/1.1",
                    "Host: gateway",
                    "traceparent: 00-" + ids + "01",
                    "b3: " + ids + "d"));
    assertThat(view.response()).endsWith("00-" + ids + "01");
    HttpMessage copy = assertCopied(EMPTY);
    assertThat(copy.header("traceparent")).isEqualTo(flags == null ? null : "00-" + ids + flags);
    assertThat(copy.header("b3")).isEqualTo(state == null ? null : ids + state);
  }

  @Test
  void traceContextIsNotCopiedByDefault() throws Exception {
    check(
        (request, response) -> respond(response, "ok"),
        client ->
            client.exchange(
                EMPTY,
                "GET / HTTP/1.1",
                "Host: gateway",
                "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
    assertThat(assertCopied(EMPTY).headers("traceparent")).isEmpty();
  }

  /** RFC 9110, 7.6.1. */
  @Test
  void hopByHopHeadersAreNotCopied() throws Exception {
    check(
        (request, response) -> respond(response, "ok"),
        atOnce(
            EMPTY,
            "GET /query HTTP/1.1",
            "Host: gateway",
            "Connection: X-Hop",
            "Keep-Alive: timeout=5",
            "X-Hop: 1",
            "TE: gzip"));
    HttpMessage copy = assertCopied(EMPTY);
    assertThat(copy.headers("X-Hop")).isEmpty();
    assertThat(copy.headers("Keep-Alive")).isEmpty();
    assertThat(copy.headers("TE")).isEmpty();
  }

  /** Fails if a copy is made from a request object that the container uses for the next request. */
  @Test
  void copiesSentLateAreOfTheirOwnRequests() throws Exception {
    CountDownLatch open = new CountDownLatch(1);
    mirror(limits -> limits.maxInFlight(1), policy -> policy);
    target.behave(
        (request, out) -> {
          open.await();
          TestTarget.status(204).handle(request, out);
        });
    application((request, response) -> respond(response, request.getInputStream().readAllBytes()));
    try (RawClient client = new RawClient(mirroredPort())) {
      for (int i = 0; i < 30; i++) {
        byte[] body = ascii("body " + i);
        client.exchange(
            body,
            lines(
                "POST /push/" + i + "?n=" + i + " HTTP/1.1",
                "Content-Length: " + body.length,
                "X-Number: " + i));
      }
    } finally {
      open.countDown();
    }
    Conservation.awaitSettled(mirror());
    assertThat(outcomes()).isEqualTo(Map.of(Outcome.ACCEPTED, 30L));
    for (int i = 0; i < 30; i++) {
      HttpMessage copy = target.requests().get(i);
      assertThat(copy.requestTarget()).isEqualTo("/push/" + i + "?n=" + i);
      assertThat(copy.headers("X-Number")).containsExactly("" + i);
      assertThat(copy.body()).isEqualTo(ascii("body " + i));
    }
  }

  /** Sorts the fields by name if the container does not keep their order. */
  private List<String> inOrder(List<String> fields) {
    List<String> ordered = new ArrayList<>(fields);
    if (!container.keepsOrderOfHeaders()) {
      ordered.sort(Comparator.comparing(field -> field.substring(0, field.indexOf(':'))));
    }
    return ordered;
  }

  /** Returns the fields of a message with names in lower case, because Tomcat changes them. */
  private List<String> fields(HttpMessage message) {
    List<String> fields = new ArrayList<>();
    for (String line : message.headerLines()) {
      int colon = line.indexOf(':');
      String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
      if (!OWN.contains(name)) {
        fields.add(name + ": " + line.substring(colon + 1).trim());
      }
    }
    // The mirror frames the copy itself, so the position may differ.
    if (fields.removeIf(field -> field.startsWith("content-length:"))) {
      fields.add(0, "content-length: " + message.header("Content-Length"));
    }
    return inOrder(fields);
  }

  @Test
  void requestsOfARealPrometheusArriveByteForByteAndInOrder() throws Exception {
    List<HttpMessage> recorded = new ArrayList<>(RecordedRequests.small());
    recorded.addAll(RecordedRequests.large());
    application(
        (request, response) -> {
          respond(response, request.getInputStream().readAllBytes());
          response.setStatus(200);
        });
    try (RawClient plain = new RawClient(plainPort());
        RawClient mirrored = new RawClient(mirroredPort())) {
      for (HttpMessage request : recorded) {
        assertThat(describe(mirrored.exchange(request)))
            .isEqualTo(describe(plain.exchange(request)));
      }
    }
    Conservation.awaitSettled(mirror());
    assertThat(outcomes()).isEqualTo(Map.of(Outcome.ACCEPTED, (long) recorded.size()));
    List<HttpMessage> copies = RecordedRequests.inOrderOf(recorded, target.requests());
    for (int i = 0; i < recorded.size(); i++) {
      HttpMessage sent = recorded.get(i);
      HttpMessage got = copies.get(i);
      assertThat(got.body()).isEqualTo(sent.body());
      assertThat(got.startLine()).isEqualTo(sent.startLine());
      assertThat(fields(got)).isEqualTo(fields(sent));
    }
  }
}
