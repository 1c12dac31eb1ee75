package io.github.requestmirror.httpclient5;

import static io.github.requestmirror.httpclient5.Call.call;
import static io.github.requestmirror.httpclient5.Primary.resets;
import static io.github.requestmirror.httpclient5.Primary.resetsAfter;
import static io.github.requestmirror.httpclient5.Primary.responses;
import static io.github.requestmirror.httpclient5.Primary.responsesEarly;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.httpclient5.Call.Kind;
import io.github.requestmirror.httpclient5.Primary.Step;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.Wire;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each call is made without and with the mirror; neither the caller nor the primary may see a
 * difference, and the mirror counts one outcome.
 */
class DifferentialTest {
  private static final byte[] SMALL = Wire.bytes(2_000, 1);
  private static final byte[] MEDIUM = Wire.bytes(300_000, 2);

  /** Far more than what sockets buffer. */
  private static final byte[] LARGE = Wire.bytes(12 << 20, 3);

  private static final String BROKEN = "IOException|SocketException|ConnectionResetException";

  private static final String[] OK = {
    "HTTP/1.1 200 OK", "Content-Length: 2", "X-Seen: yes", "", "ok"
  };

  @RegisterExtension final Conservation conservation = new Conservation();
  private final Primary primary = new Primary();
  private final TestTarget secondary = new TestTarget();
  private final Mirror mirror =
      conservation.watch(
          Mirror.start(
              MirrorTarget.builder(secondary.uri()).name("secondary").build(),
              MirrorPolicy.builder().when(head -> !head.rawPath().equals("/after")).build()));

  @AfterEach
  void closeServers() {
    primary.close();
    secondary.close();
  }

  private static Step ok() {
    return exchange -> {
      exchange.readBody();
      exchange
          .out()
          .write(String.join("\r\n", OK).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
    };
  }

  private static Step says(String status, String... headers) {
    List<String> lines = new ArrayList<>(List.of("HTTP/1.1 " + status, "Content-Length: 0"));
    lines.addAll(List.of(headers));
    return responses(lines.toArray(String[]::new));
  }

  /** Sends an interim response to the head, then continues. */
  private static Step continues(Step then) {
    return exchange -> {
      exchange.send("HTTP/1.1 100 Continue");
      then.play(exchange);
    };
  }

  static List<Call> calls() {
    List<Call> calls =
        new ArrayList<>(
            List.of(
                call("GET without a body", ok()).method("GET").seen("200"),
                call("HEAD", responses("HTTP/1.1 200 OK", "Content-Length: 9"))
                    .method("HEAD")
                    .seen("200"),
                call("POST without a body", ok()).seen("200"),
                call("DELETE without a body", says("404 Not Found")).method("DELETE").seen("404"),
                call("GET with a body", ok()).method("GET").body(Kind.FIXED, SMALL).seen("200"),
                call("empty body", ok()).body(Kind.FIXED, new byte[0]).seen("200"),
                call("empty chunked body", ok()).body(Kind.CHUNKED, new byte[0]).seen("200"),
                call("small body", ok()).body(Kind.FIXED, SMALL).seen("200"),
                call("large body", ok()).body(Kind.FIXED, LARGE).seen("200"),
                call("chunked body", ok()).body(Kind.CHUNKED, MEDIUM).seen("200"),
                call("large chunked body", ok()).body(Kind.CHUNKED, LARGE).seen("200"),
                call("stream", ok()).body(Kind.STREAM, MEDIUM).seen("200"),
                call("stream of known length", ok())
                    .body(Kind.STREAM_WITH_LENGTH, MEDIUM)
                    .seen("200"),
                call("compressed body", ok()).body(Kind.GZIP, MEDIUM).seen("200"),
                call("headers with repeats", ok())
                    .headers(
                        "X-B", "1", "x-a", "2", "X-B", "3", "X-Scope-OrgID", "t", "X-Empty", "")
                    .body(Kind.FIXED, SMALL)
                    .seen("200"),
                call("response 500", says("500 Oops")).body(Kind.FIXED, SMALL).seen("500"),
                call("response 400", says("400 No")).body(Kind.CHUNKED, SMALL).seen("400"),
                call(
                        "response without a length",
                        exchange -> {
                          exchange.readBody();
                          exchange.send("HTTP/1.1 200 OK", "Connection: close", "", "all of it");
                          exchange.close();
                        })
                    .body(Kind.FIXED, SMALL)
                    .seen("200"),
                call(
                        "interim response",
                        exchange -> {
                          exchange.send("HTTP/1.1 103 Early Hints", "Link: x");
                          ok().play(exchange);
                        })
                    .body(Kind.FIXED, SMALL)
                    .seen("200"),
                call("retry after 503", says("503 Busy", "Retry-After: 0"), ok())
                    .body(Kind.FIXED, MEDIUM)
                    .retries(1)
                    .seen("200"),
                call("retry after 503, chunked", says("503 Busy", "Retry-After: 0"), ok())
                    .body(Kind.CHUNKED, MEDIUM)
                    .retries(1)
                    .seen("200"),
                call("retry after 503 without a body", says("503 Busy", "Retry-After: 0"), ok())
                    .retries(1)
                    .seen("200"),
                call("503 is not retried with a stream", says("503 Busy"))
                    .body(Kind.STREAM, MEDIUM)
                    .retries(1)
                    .seen("503"),
                call(
                        "retries that end with 503",
                        says("503 Busy"),
                        says("503 Busy"),
                        says("503 Busy"))
                    .body(Kind.FIXED, SMALL)
                    .retries(2)
                    .seen("503"),
                call("retry after a reset", resets(), ok())
                    .body(Kind.FIXED, MEDIUM)
                    .retries(1)
                    .seen("200"),
                call("retry after a reset half-way", resetsAfter(100_000), ok())
                    .body(Kind.FIXED, LARGE)
                    .retries(1)
                    .seen("200"),
                call(
                        "retry after a reset half-way, chunked",
                        resetsAfter(100_000),
                        resetsAfter(9_000),
                        ok())
                    .body(Kind.CHUNKED, LARGE)
                    .retries(2)
                    .seen("200"),
                call("retry that fails half-way", says("503 Busy"), resetsAfter(100_000))
                    .body(Kind.FIXED, LARGE)
                    .retries(1)
                    .seen(BROKEN)
                    .racy(),
                call(
                        "retry that fails half-way as well",
                        resetsAfter(100_000),
                        resetsAfter(100_000))
                    .body(Kind.FIXED, LARGE)
                    .retries(1)
                    .seen(BROKEN)
                    .racy()
                    .mirrored(Outcome.BODY_INCOMPLETE),
                call("301 turns POST into GET", says("301 Moved", "Location: /elsewhere"), ok())
                    .body(Kind.FIXED, SMALL)
                    .seen("200"),
                call("303", says("303 See Other", "Location: /elsewhere"), ok())
                    .body(Kind.CHUNKED, SMALL)
                    .seen("200"),
                call("307", says("307 Temporary", "Location: /elsewhere?y=2"), ok())
                    .body(Kind.FIXED, MEDIUM)
                    .seen("200"),
                call("308", says("308 Permanent", "Location: /elsewhere?y=2"), ok())
                    .body(Kind.CHUNKED, MEDIUM)
                    .seen("200"),
                call(
                        "307 that ends badly",
                        says("307 Temporary", "Location: /a"),
                        says("404 Not Found"))
                    .body(Kind.FIXED, MEDIUM)
                    .seen("404"),
                call(
                        "redirects without an end",
                        says("307 Temporary", "Location: /api/v1/push?x=1"),
                        says("307 Temporary", "Location: /api/v1/push?x=1"),
                        says("307 Temporary", "Location: /api/v1/push?x=1"))
                    .body(Kind.FIXED, SMALL)
                    .seen("ClientProtocolException|CircularRedirectException"),
                call("challenge", says("401 Who", "WWW-Authenticate: Basic realm=\"r\""), ok())
                    .body(Kind.FIXED, MEDIUM)
                    .credentials()
                    .seen("200"),
                call(
                        "challenge, chunked",
                        says("401 Who", "WWW-Authenticate: Basic realm=\"r\""),
                        ok())
                    .body(Kind.CHUNKED, MEDIUM)
                    .credentials()
                    .seen("200"),
                call(
                        "challenge without credentials",
                        says("401 Who", "WWW-Authenticate: Basic realm=\"r\""))
                    .body(Kind.FIXED, MEDIUM)
                    .seen("401"),
                call("100 Continue", continues(ok()))
                    .body(Kind.FIXED, MEDIUM)
                    .expectContinue()
                    .seen("200"),
                call("100 Continue, stream", continues(ok()))
                    .body(Kind.STREAM, MEDIUM)
                    .expectContinue()
                    .seen("200"),
                call(
                        "417 instead of 100 Continue",
                        responsesEarly("HTTP/1.1 417 No", "Content-Length: 0", "Connection: close"))
                    .body(Kind.FIXED, MEDIUM)
                    .expectContinue()
                    .seen("417")
                    .mirrored(Outcome.BODY_INCOMPLETE),
                call(
                        "413 instead of 100 Continue",
                        responsesEarly("HTTP/1.1 413 No", "Content-Length: 0", "Connection: close"))
                    .body(Kind.CHUNKED, MEDIUM)
                    .expectContinue()
                    .seen("413")
                    .mirrored(Outcome.BODY_INCOMPLETE),
                call(
                        "challenge instead of 100 Continue",
                        responsesEarly(
                            "HTTP/1.1 401 Who",
                            "Content-Length: 0",
                            "WWW-Authenticate: Basic realm=\"r\"",
                            "Connection: close"),
                        continues(ok()))
                    .body(Kind.FIXED, MEDIUM)
                    .expectContinue()
                    .credentials()
                    .seen("200"),
                call("100 Continue and a reset", continues(resetsAfter(10)))
                    .body(Kind.FIXED, LARGE)
                    .expectContinue()
                    .seen(BROKEN)
                    .racy()
                    .mirrored(Outcome.BODY_INCOMPLETE),
                call("refused")
                    .body(Kind.FIXED, SMALL)
                    .refused()
                    .seen("HttpHostConnectException")
                    .mirrored(Outcome.BODY_INCOMPLETE),
                call("refused without a body")
                    .method("GET")
                    .refused()
                    .seen("HttpHostConnectException")
                    .mirrored(Outcome.BODY_INCOMPLETE),
                call("refused with an empty body")
                    .body(Kind.FIXED, new byte[0])
                    .refused()
                    .seen("HttpHostConnectException")
                    .mirrored(Outcome.BODY_INCOMPLETE),
                call("reset after the whole body", resets())
                    .body(Kind.CHUNKED, SMALL)
                    .seen(BROKEN)
                    .racy(),
                call("reset without a body", resets()).seen(BROKEN).racy(),
                call("reset half-way", resetsAfter(10))
                    .body(Kind.FIXED, LARGE)
                    .seen(BROKEN)
                    .racy()
                    .mirrored(Outcome.BODY_INCOMPLETE),
                call(
                        "closed instead of a response",
                        exchange -> {
                          exchange.readBody();
                          exchange.close();
                        })
                    .body(Kind.FIXED, SMALL)
                    .seen("NoHttpResponseException|ConnectionClosedException"),
                call(
                        "response that is none",
                        exchange -> {
                          exchange.readBody();
                          exchange.send("SMTP 1");
                          exchange.close();
                        })
                    .body(Kind.FIXED, SMALL)
                    .seen("NoHttpResponseException|ParseException"),
                call(
                        "response that breaks off",
                        exchange -> {
                          exchange.readBody();
                          exchange.send("HTTP/1.1 200 OK", "Content-Length: 100", "", "half");
                          exchange.close();
                        })
                    .body(Kind.FIXED, SMALL)
                    .seen("ConnectionClosedException")));
    for (Kind kind :
        List.of(
            Kind.FAILS_WITH_IO_EXCEPTION,
            Kind.FAILS_WITH_RUNTIME_EXCEPTION,
            Kind.FAILS_WITH_ERROR)) {
      calls.add(
          call(
                  kind.toString(),
                  exchange -> exchange.in().transferTo(java.io.OutputStream.nullOutputStream()))
              .body(kind, MEDIUM)
              .seen(
                  switch (kind) {
                    case FAILS_WITH_IO_EXCEPTION -> "IOException";
                    case FAILS_WITH_RUNTIME_EXCEPTION -> "IllegalStateException";
                    default -> "LinkageError";
                  })
              .mirrored(Outcome.BODY_INCOMPLETE));
    }
    return calls;
  }

  @ParameterizedTest
  @MethodSource("calls")
  void classic(Call call) throws Exception {
    compare(call, ClassicCaller::new);
  }

  @ParameterizedTest
  @MethodSource("calls")
  void asynchronous(Call call) throws Exception {
    assumeThat(call.kind)
        .as("ends the client, and some versions tell nobody")
        .isNotEqualTo(Kind.FAILS_WITH_ERROR);
    compare(call, AsyncCaller::new);
  }

  private interface Clients {
    Caller start(Call call, @Nullable MirrorExecChainHandler handler);
  }

  private void compare(Call call, Clients clients) throws Exception {
    Seen without = make(call, clients, null);
    assertThat(without.result()).as("the case itself: %s", without).matches(call.seen);
    Seen with = make(call, clients, new MirrorExecChainHandler(mirror));
    if (call.racy) {
      assertThat(with.result()).matches(call.seen);
      assertThat(with.withoutCause()).isEqualTo(without.withoutCause());
    } else {
      assertThat(with).isEqualTo(without);
    }
    Conservation.awaitSettled(mirror);
    MirrorStats.Target stats = mirror.stats().target("secondary");
    assertThat(stats.count(call.outcome)).as("%s of %s", call.outcome, stats).isEqualTo(1);
    assertThat(stats.offered()).as("offered of %s", stats).isEqualTo(2);
    if (call.outcome == Outcome.ACCEPTED) {
      assertCopy(call, secondary.requests());
    } else {
      assertThat(secondary.requests()).isEmpty();
    }
  }

  private Seen make(Call call, Clients clients, @Nullable MirrorExecChainHandler handler)
      throws Exception {
    primary.restart(call.script);
    try (Caller caller = clients.start(call, handler)) {
      return caller.make(call, primary);
    }
  }

  private static void assertCopy(Call call, List<HttpMessage> copies) throws IOException {
    assertThat(copies).hasSize(1);
    HttpMessage copy = copies.get(0);
    assertThat(copy.startLine()).isEqualTo(call.method + " " + call.path + " HTTP/1.1");
    byte[] body = call.body == null ? new byte[0] : call.body;
    boolean compressed = "gzip".equals(copy.header("Content-Encoding"));
    assertThat(compressed ? unzip(copy.body()) : copy.body()).isEqualTo(body);
    assertThat(copy.headers("Content-Type"))
        .isEqualTo(call.body == null ? List.of() : List.of("application/x-protobuf"));
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < call.headers.size(); i += 2) {
      expected.add((call.headers.get(i) + ": " + call.headers.get(i + 1)).trim());
    }
    assertThat(copy.headerLines().stream().map(String::trim).filter(expected::contains).toList())
        .isEqualTo(expected);
    assertThat(copy.header("X-Request-Mirror")).isEqualTo("1");
    assertThat(copy.header("Authorization")).isNull();
  }

  private static byte[] unzip(byte[] zipped) throws IOException {
    return new GZIPInputStream(new ByteArrayInputStream(zipped)).readAllBytes();
  }
}
