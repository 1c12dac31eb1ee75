package io.github.requestmirror.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RawClient;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The primary finds the end of each forwarded request where the gateway found it, for all methods
 * and headers. All clients share one connection to the primary, so a different end would alter the
 * next client's request.
 */
class RequestFramingTest extends GatewayInProcess {
  private static final byte[] NOTHING = new byte[0];

  /** How a client delimits a body, and the content that the primary receives. */
  private enum Framing {
    NONE("", "", ""),
    LENGTH("Content-Length: " + SMUGGLED.length(), SMUGGLED, SMUGGLED),
    LENGTH_ZERO("Content-Length: 0", "", ""),
    ONE_CHUNK("Transfer-Encoding: chunked", chunk(SMUGGLED) + "0\r\n\r\n", SMUGGLED),
    CHUNKS(
        "Transfer-Encoding: Chunked",
        chunk("hello")
            + "6;x=\"y\"\r\n world\r\n"
            + chunk(SMUGGLED)
            + "000\r\nX-Trailer: 1\r\n\r\n",
        "hello world" + SMUGGLED),
    NO_CHUNK("Transfer-Encoding: chunked", "0\r\n\r\n", "");

    final String header;
    final String sent;
    final String body;

    Framing(String header, String sent, String body) {
      this.header = header;
      this.sent = sent;
      this.body = body;
    }

    private static String chunk(String content) {
      return Integer.toHexString(content.length()) + "\r\n" + content + "\r\n";
    }

    boolean isChunked() {
      return header.startsWith("Transfer-Encoding");
    }

    /** Returns the framing header that the primary receives, or an empty string. */
    String forwarded(String method) {
      if (isChunked()) {
        return "Transfer-Encoding: chunked";
      }
      // RFC 9110 8.6: a Content-Length is sent with methods that define a meaning for content.
      boolean expectsContent = method.equalsIgnoreCase("POST") || method.equalsIgnoreCase("PUT");
      return this == NONE && expectsContent ? LENGTH_ZERO.header : header;
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET",
        "HEAD",
        "POST",
        "PUT",
        "DELETE",
        "PATCH",
        "OPTIONS",
        "TRACE",
        "PROPFIND",
        "UNKNOWN",
        "get",
        "post",
        "head"
      })
  void everyMethodWithEveryFraming(String method) throws Exception {
    List<Row> rows = new ArrayList<>();
    for (Framing framing : Framing.values()) {
      for (String type : new String[] {"", "Content-Type: text/plain"}) {
        rows.add(new Row(method, "/" + rows.size(), framing, type));
      }
    }
    for (Row row : rows) {
      exchange(client, row);
      exchange(otherClient, new Row("GET", "/next" + row.target, Framing.NONE, ""));
    }

    assertCopies(rows);
    assertNothingMoreAtPrimary();
  }

  private record Row(String method, String target, Framing framing, String type) {
    List<String> head(String framingHeader, String... more) {
      List<String> lines = new ArrayList<>();
      lines.add(method + " " + target + " HTTP/1.1");
      lines.add("Host: h");
      lines.addAll(List.of(more));
      lines.add(type);
      lines.add(framingHeader);
      lines.removeIf(String::isEmpty);
      return lines;
    }
  }

  private void exchange(RawClient from, Row row, String... more) throws Exception {
    from.send(
        row.framing.sent.getBytes(ISO_8859_1),
        row.head(row.framing.header, more).toArray(String[]::new));
    assertAtPrimary(row);
    primary.respond();
    assertThat(from.receive(row.method.equals("HEAD")).status()).as(row.toString()).isEqualTo(200);
  }

  /** Reads one request with the expected framing and compares every byte. */
  private void assertAtPrimary(Row row) throws Exception {
    List<String> expected = row.head(row.framing.forwarded(row.method));
    expected.add("X-Forwarded-For: 127.0.0.1");

    List<String> head = Arrays.asList(primary.readHead().split("\r\n", -1));

    assertThat(head.get(0)).as(row.toString()).isEqualTo(expected.get(0));
    assertThat(head.subList(1, head.size() - 2))
        .as(row.toString())
        .containsExactlyInAnyOrderElementsOf(expected.subList(1, expected.size()));
    String body =
        row.framing.isChunked()
            ? primary.readChunks()
            : primary.readBytes(row.framing.body.length());
    assertThat(body).as(row.toString()).isEqualTo(row.framing.body);
  }

  private void assertCopies(List<Row> rows) {
    Map<String, String> sent = new HashMap<>();
    for (Row row : rows) {
      // RFC 9110 9.3.8: a client must not send content in a TRACE request.
      if (!row.method.equals("TRACE") || row.framing.body.isEmpty()) {
        sent.put(row.method + " " + row.target + " HTTP/1.1", row.framing.body);
      }
      sent.put("GET /next" + row.target + " HTTP/1.1", "");
    }
    int offered = 2 * rows.size();
    await().untilAsserted(() -> assertThat(target().offered()).isEqualTo(offered));
    await().untilAsserted(() -> assertThat(target().responded()).isEqualTo(sent.size()));
    assertThat(target().count(Outcome.BODY_UNSUPPORTED)).isEqualTo(offered - sent.size());
    Map<String, String> copies =
        secondary.requests().stream()
            .collect(Collectors.toMap(HttpMessage::startLine, RequestFramingTest::body));
    assertThat(copies).isEqualTo(sent);
  }

  private static String body(HttpMessage copy) {
    return new String(copy.body(), ISO_8859_1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Connection: Content-Length, Transfer-Encoding",
        "Connection: close, content-length\r\nConnection: transfer-encoding",
        "Connection: keep-alive, Content-Type",
        "Expect: 100-continue",
        "TE: trailers\r\nTrailer: X-Trailer",
        "Connection: Upgrade\r\nUpgrade: websocket",
      })
  void hopByHopHeaders_doNotChangeTheFraming(String header) throws Exception {
    for (Framing framing : Framing.values()) {
      try (RawClient own = new RawClient(gateway.port())) {
        exchange(own, new Row("GET", "/a", framing, ""), header);
        exchange(otherClient, new Row("GET", "/b", Framing.NONE, ""));
      }
    }
    assertNothingMoreAtPrimary();
  }

  @Test
  void http10Clients() throws Exception {
    for (String method : new String[] {"GET", "DELETE", "POST"}) {
      try (RawClient old = new RawClient(gateway.port())) {
        old.send(
            SMUGGLED.getBytes(ISO_8859_1),
            method + " /a HTTP/1.0",
            "Host: h",
            Framing.LENGTH.header);
        assertAtPrimary(new Row(method, "/a", Framing.LENGTH, ""));
        primary.respond();
        assertThat(old.receive(false).status()).isEqualTo(200);
      }
      exchange(otherClient, new Row("GET", "/b", Framing.NONE, ""));
    }
    assertNothingMoreAtPrimary();
  }

  @Test
  void pipelinedRequests() throws Exception {
    Row first = new Row("DELETE", "/a", Framing.CHUNKS, "");
    Row second = new Row("GET", "/b", Framing.LENGTH, "");
    Row third = new Row("GET", "/c", Framing.NONE, "");
    StringBuilder all = new StringBuilder();
    for (Row row : List.of(first, second, third)) {
      all.append(String.join("\r\n", row.head(row.framing.header)))
          .append("\r\n\r\n")
          .append(row.framing.sent);
    }
    client.out().write(all.toString().getBytes(ISO_8859_1));

    for (Row row : List.of(first, second, third)) {
      assertAtPrimary(row);
      primary.respond();
      assertThat(client.receive(false).status()).isEqualTo(200);
    }
    assertNothingMoreAtPrimary();
  }

  @Test
  void contentLength_leadingZerosAreDropped() throws Exception {
    client.send("hello".getBytes(ISO_8859_1), "GET /a HTTP/1.1", "Host: h", "content-length: 005");

    assertThat(primary.readHead().lines()).contains("Content-Length: 5");
    assertThat(primary.readBytes(5)).isEqualTo("hello");
    primary.respond();
    assertThat(client.receive(false).status()).isEqualTo(200);
    assertNothingMoreAtPrimary();
  }

  @Test
  void contentLength_beyond32Bits() throws Exception {
    client.send(NOTHING, "GET /a HTTP/1.1", "Host: h", "Content-Length: 5000000000");
    client.out().write('x');

    assertThat(primary.readHead().lines()).contains("Content-Length: 5000000000");
    assertThat(primary.readBytes(1)).isEqualTo("x");
    client.abort();
    assertThat(primary.readToEnd()).isEmpty();
  }
}
