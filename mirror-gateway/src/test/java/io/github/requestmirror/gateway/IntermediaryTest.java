package io.github.requestmirror.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.HttpMessage;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What HTTP asks an intermediary to change in requests. The copy shows the same changes. */
class IntermediaryTest extends GatewayInProcess {
  private static final byte[] NOTHING = new byte[0];

  /** Returns the head that the primary receives, after it and the client have been served. */
  private String forwarded(String... head) throws Exception {
    client.send(NOTHING, head);
    String received = primary.readHead();
    primary.respond();
    assertThat(client.receive(head[0].startsWith("HEAD ")).status()).isEqualTo(200);
    return received;
  }

  private HttpMessage copy() {
    await().until(() -> !secondary.requests().isEmpty());
    return secondary.requests().get(0);
  }

  @Test
  void asteriskOfOptionsIsForwardedAndCopied() throws Exception {
    assertThat(forwarded("OPTIONS * HTTP/1.1", "Host: h")).startsWith("OPTIONS * HTTP/1.1\r\n");
    assertThat(copy().startLine()).isEqualTo("OPTIONS * HTTP/1.1");
  }

  @ParameterizedTest
  @CsvSource({
    "http://other/x?y, h, /x?y, other",
    "http://other:81/x, h, /x, other:81",
    "http://[2001:db8::1]:81/x, h, /x, [2001:db8::1]:81",
    "http://h:81/x, h, /x, h:81",
    "http://other?q, h, /?q, other",
    "http://h/x, h, /x, h",
    "http://h/x, h:80, /x, h:80",
    "http://H/x, h, /x, h",
    "/x, h:80, /x, h:80",
    "/x, '[::1]:81', /x, '[::1]:81'",
  })
  void authorityOfAbsoluteFormReplacesHost(String target, String sent, String path, String host)
      throws Exception {
    String[] lines = forwarded("GET " + target + " HTTP/1.1", "Host: " + sent).split("\r\n", -1);
    assertThat(lines).startsWith("GET " + path + " HTTP/1.1").contains("Host: " + host);
    assertThat(copy().requestTarget()).isEqualTo(path);
  }

  @ParameterizedTest
  @CsvSource({
    "OPTIONS, 1, 0",
    "OPTIONS, 70, 69",
    "TRACE, 1, 0",
    "TRACE, 99999999999999999999, 999999999",
    "OPTIONS, -1, -1",
    "OPTIONS, x, x",
    "GET, 0, 0",
    "GET, 5, 5",
  })
  void maxForwardsIsDecremented(String method, String sent, String received) throws Exception {
    assertThat(forwarded(method + " /x HTTP/1.1", "Host: h", "Max-Forwards: " + sent))
        .contains("\r\nMax-Forwards: " + received + "\r\n");
    assertThat(copy().headers("Max-Forwards")).containsExactly(received);
  }

  @Test
  void gatewayRespondsIfMaxForwardsIsZero() throws Exception {
    HttpMessage options =
        client.exchange(NOTHING, "OPTIONS /x HTTP/1.1", "Host: h", "Max-Forwards: 0");
    assertThat(options.status()).isEqualTo(200);
    HttpMessage trace =
        client.exchange(NOTHING, "TRACE /x HTTP/1.1", "Host: h", "Max-Forwards: 00");
    assertThat(trace.status()).isEqualTo(501);
    assertThat(trace.body()).asString().startsWith("gateway: 501 TRACE");
    assertThat(target().offered()).isZero();
    assertNothingMoreAtPrimary();
  }

  /** The gateway does not forward Upgrade, so the primary serves an ordinary request. */
  @ParameterizedTest
  @ValueSource(strings = {"websocket", "h2c"})
  void requestWithUpgradeIsServedAndMirrored(String protocol) throws Exception {
    String head =
        forwarded(
            "GET /x HTTP/1.1", "Host: h", "Connection: Upgrade", "Upgrade: " + protocol, "X-A: 1");
    assertThat(head).doesNotContain("pgrade").contains("X-A: 1");
    assertThat(copy().requestTarget()).isEqualTo("/x");
    await().until(() -> target().count(Outcome.ACCEPTED) == 1);
    assertThat(target().count(Outcome.UPGRADE)).isZero();
  }

  /** SECURITY.md: a client cannot choose another tenant in this way. */
  @Test
  void connectionCannotRemoveTheTenant() throws Exception {
    String head =
        forwarded(
            "GET /x HTTP/1.1",
            "Host: h",
            "Connection: x-scope-orgid, Content-Type, X-Hop, Host",
            "X-Scope-OrgID: t",
            "Content-Type: text/x",
            "X-Hop: 1");
    assertThat(head).contains("X-Scope-OrgID: t", "Content-Type: text/x").doesNotContain("X-Hop");
    assertThat(copy().headers("X-Scope-OrgID")).containsExactly("t");
    assertThat(copy().headers("Content-Type")).containsExactly("text/x");
    assertThat(copy().header("X-Hop")).isNull();
  }

  @Test
  void trailersAndTheirHeadersAreDropped() throws Exception {
    client.send(
        "5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n".getBytes(ISO_8859_1),
        "POST /x HTTP/1.1",
        "Host: h",
        "TE: trailers, gzip",
        "Trailer: X-T",
        "Transfer-Encoding: chunked");
    assertThat(primary.readHead()).doesNotContain("TE:", "Trailer:");
    assertThat(primary.readChunks()).isEqualTo("hello");
    primary.respond("HTTP/1.1 200 OK\r\nTrailer: X-T\r\nTransfer-Encoding: chunked\r\n\r\n");
    primary.respond("5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n");
    HttpMessage response = client.receive(false);
    assertThat(response.headerLines()).containsExactly("Transfer-Encoding: chunked");
    assertThat(response.body()).asString().isEqualTo("hello");
    assertThat(copy().header("Trailer")).isNull();
    assertNothingMoreAtPrimary();
  }

  @Test
  void unknownExpectation_417() throws IOException {
    HttpMessage response =
        client.exchange(
            NOTHING, "POST /x HTTP/1.1", "Host: h", "Content-Length: 0", "Expect: other");
    assertThat(response.status()).isEqualTo(417);
    assertThat(target().offered()).isZero();
  }
}
