package io.github.requestmirror.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The gateway rejects requests with ambiguous framing and closes their connections. Truncated
 * requests appear truncated to the primary, and no other request follows on that connection.
 */
class HostileFramingTest extends GatewayInProcess {
  private static final String HEAD = "POST /a HTTP/1.1\r\nHost: h\r\n";
  private static final String CHUNKS = "5\r\nhello\r\n0\r\n\r\n";

  @Test
  void connect_501() throws Exception {
    assertRefused(
        501,
        List.of(
            "CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n",
            "CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\nContent-Length: 5\r\n",
            "CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\nTransfer-Encoding: chunked\r\n",
            "connect /a HTTP/1.1\r\nHost: h\r\n"));
    assertRefused(400, List.of("CONNECT / HTTP/1.1\r\nHost: h\r\n"));
  }

  @Test
  void transferCodingsBeforeChunked_501() throws Exception {
    assertRefused(
        501,
        List.of(
            HEAD + "Transfer-Encoding: gzip, chunked\r\n",
            HEAD + "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
            HEAD + "Transfer-Encoding: identity, chunked\r\n",
            HEAD + "Transfer-Encoding: unknown, chunked\r\n",
            HEAD + "Transfer-Encoding: , chunked\r\n",
            HEAD + "Transfer-Encoding: chunked,\r\n",
            "GET /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n"));
  }

  /** RFC 9112: 400 if chunked is not the last coding (6.3) or the client is HTTP/1.0 (6.1). */
  @Test
  void transferCodingsWithoutFinalChunked_400() throws Exception {
    assertRefused(
        400,
        List.of(
            HEAD + "Transfer-Encoding: gzip\r\n",
            HEAD + "Transfer-Encoding: identity\r\n",
            HEAD + "Transfer-Encoding: unknown\r\n",
            HEAD + "Transfer-Encoding: xchunked\r\n",
            HEAD + "Transfer-Encoding: \"chunked\"\r\n",
            HEAD + "Transfer-Encoding: chunked;a=b\r\n",
            HEAD + "Transfer-Encoding:\r\n",
            HEAD + "Transfer-Encoding: chunked, gzip\r\n",
            HEAD + "Transfer-Encoding: chunked, chunked\r\n",
            HEAD + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            HEAD + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
            "GET /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n",
            "POST /a HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n",
            "GET /a HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n"));
  }

  @Test
  void conflictingLengths_400() throws Exception {
    assertRefused(
        400,
        List.of(
            HEAD + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            HEAD + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
            HEAD
                + "Connection: content-length\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n",
            HEAD + "Content-Length: 5\r\nContent-Length: 6\r\n",
            HEAD + "Content-Length: 5\r\nContent-Length: 5\r\n",
            HEAD + "Content-Length: 5, 5\r\n",
            HEAD + "Content-Length: 5, 6\r\n"));
  }

  @Test
  void invalidLengths_400() throws Exception {
    assertRefused(
        400,
        List.of(
            HEAD + "Content-Length: +5\r\n",
            HEAD + "Content-Length: -5\r\n",
            HEAD + "Content-Length: 0x5\r\n",
            HEAD + "Content-Length: 5 5\r\n",
            HEAD + "Content-Length: 5a\r\n",
            HEAD + "Content-Length: \u00b2\r\n",
            HEAD + "Content-Length:\r\n",
            HEAD + "Content-Length: 9223372036854775808\r\n",
            HEAD + "Content-Length: 18446744073709551621\r\n"));
  }

  @Test
  void malformedHeads_400() throws Exception {
    assertRefused(
        400,
        List.of(
            HEAD + "Content-Length : 5\r\n",
            HEAD + "Transfer-Encoding : chunked\r\n",
            HEAD + "Transfer-Encoding: \u000bchunked\r\n",
            HEAD + "Content-Length:\r\n 5\r\n",
            HEAD + "Transfer-Encoding:\r\n chunked\r\n",
            HEAD + "X: a\r\n b\r\nContent-Length: 5\r\n",
            HEAD + " Content-Length: 5\r\n",
            "POST /a HTTP/1.1\r\n Host: h\r\nContent-Length: 5\r\n",
            HEAD + "X: a\rContent-Length: 5\r\n",
            HEAD + "X: a\u0000b\r\nContent-Length: 5\r\n",
            HEAD + "Content-Length\r\n",
            HEAD + ": 5\r\n"));
  }

  private void assertRefused(int status, List<String> heads) throws Exception {
    long offered = target().offered();
    for (String head : heads) {
      assertThat(talk(head + "\r\n" + CHUNKS + SMUGGLED))
          .as(head)
          .startsWith("HTTP/1.1 " + status + " ")
          .containsOnlyOnce("HTTP/1.1 ");
    }
    assertThat(target().offered()).as("requests offered to the mirror").isEqualTo(offered);
    assertNextRequestIsAlone();
    assertThat(target().offered()).isEqualTo(offered + 1);
    secondary.requests().clear();
  }

  /** Sends a request and reads until the gateway closes the connection. */
  private String talk(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      return readToEnd(socket);
    }
  }

  /** Reads to the end or to a reset, which a server sends if it closes with unread bytes. */
  private static String readToEnd(Socket socket) throws IOException {
    StringBuilder read = new StringBuilder();
    InputStream in = socket.getInputStream();
    try {
      for (int b = in.read(); b >= 0; b = in.read()) {
        read.append((char) b);
      }
    } catch (SocketException e) {
      assertThat(e).hasMessageContaining("reset");
    }
    return read.toString();
  }

  private void assertNextRequestIsAlone() throws Exception {
    otherClient.send(new byte[0], "GET /next HTTP/1.1", "Host: h");
    assertThat(primary.readHead())
        .isEqualTo("GET /next HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 127.0.0.1\r\n\r\n");
    primary.respond();
    assertThat(otherClient.receive(false).status()).isEqualTo(200);
  }

  /** RFC 9112 2.2 allows bare line feeds. The primary receives CRLF. */
  @Test
  void bareLineFeedsInHead_areForwardedAsCrlf() throws Exception {
    String request = "GET /a HTTP/1.1\nHost: h\nContent-Length: 5\n\nhello";
    client.out().write(request.getBytes(ISO_8859_1));

    assertThat(primary.readHead().split("\r\n", -1))
        .containsExactly(
            "GET /a HTTP/1.1",
            "Host: h",
            "X-Forwarded-For: 127.0.0.1",
            "Content-Length: 5",
            "",
            "");
    assertThat(primary.readBytes(5)).isEqualTo("hello");
    primary.respond();
    assertThat(client.receive(false).status()).isEqualTo(200);
    assertNothingMoreAtPrimary();
  }

  @Test
  void bytesAfterBody_areNotForwarded() throws Exception {
    client.out().write((HEAD + "Content-Length: 5\r\n\r\nhelloXX\r\n\r\n").getBytes(ISO_8859_1));

    assertThat(primary.readHead()).startsWith("POST /a HTTP/1.1\r\n");
    assertThat(primary.readBytes(5)).isEqualTo("hello");
    primary.respond();
    assertThat(client.receive(false).status()).isEqualTo(200);
    assertThat(client.receive(false).status()).isGreaterThanOrEqualTo(400);
    assertNextRequestIsAlone();
    assertNothingMoreAtPrimary();
  }

  private enum Cut {
    END,
    RESET
  }

  @Test
  void truncatedBodies() throws Exception {
    for (Cut cut : Cut.values()) {
      for (String method : new String[] {"GET", "POST", "UNKNOWN"}) {
        assertCut(method, "Content-Length: 50", "hello", "hello", "", cut);
        assertCut(method, "Transfer-Encoding: chunked", "5\r\nhello\r\n", "5\r\nhello", "", cut);
        assertCut(
            method, "Transfer-Encoding: chunked", "5\r\nhello\r\n", "5\r\nhello", "ff\r\nx", cut);
      }
    }
    await().untilAsserted(() -> assertThat(target().count(Outcome.BODY_INCOMPLETE)).isEqualTo(18));
    assertNothingMoreAtPrimary();
  }

  @Test
  void malformedChunks() throws Exception {
    List<String> malformed =
        List.of(
            "zz\r\nhello\r\n0\r\n\r\n",
            "+5\r\nhello\r\n0\r\n\r\n",
            "-1\r\nhello\r\n0\r\n\r\n",
            "0x5\r\nhello\r\n0\r\n\r\n",
            " 5\r\nhello\r\n0\r\n\r\n",
            "\r\nhello\r\n0\r\n\r\n",
            "5\nhello\n0\n\n",
            "5;a\nb\r\nhello\r\n0\r\n\r\n",
            "5\rX\r\nhello\r\n0\r\n\r\n",
            "5\r\nhelloXX0\r\n\r\n",
            "10000000000000005\r\nhello\r\n0\r\n\r\n",
            "0\r\nX: 1\nY: 2\r\n\r\n",
            "0\r\n" + SMUGGLED);
    for (String chunk : malformed) {
      assertCut("GET", "Transfer-Encoding: chunked", "5\r\nhello\r\n", "5\r\nhello", chunk, null);
    }
    int count = malformed.size();
    await()
        .untilAsserted(() -> assertThat(target().count(Outcome.BODY_INCOMPLETE)).isEqualTo(count));
    assertNothingMoreAtPrimary();
  }

  /** Sends a body that never becomes complete, in two parts, then a request of another client. */
  private void assertCut(
      String method, String framing, String sent, String forwarded, String rest, @Nullable Cut cut)
      throws Exception {
    String row = method + " " + framing + " " + rest + " " + cut;
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
      socket.setSoTimeout(10_000);
      String head = method + " /a HTTP/1.1\r\nHost: h\r\n" + framing + "\r\n\r\n";
      socket.getOutputStream().write((head + sent).getBytes(ISO_8859_1));
      assertThat(primary.readHead()).as(row).contains("\r\n" + framing + "\r\n");
      assertThat(primary.readBytes(forwarded.length())).as(row).isEqualTo(forwarded);

      socket.getOutputStream().write(rest.getBytes(ISO_8859_1));
      if (cut == Cut.RESET) {
        reset(socket);
      } else if (cut == Cut.END) {
        socket.shutdownOutput();
      }
      assertThat(primary.readToEnd()).as(row).doesNotContain("0\r\n", "DELETE");
      if (cut != Cut.RESET) {
        assertThat(readToEnd(socket)).as(row).doesNotStartWith("HTTP/1.1 2");
      }
    }
    primary.closeConnection();
    assertNextRequestIsAlone();
  }

  private static void reset(Socket socket) throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }
}
