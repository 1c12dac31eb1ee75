package io.github.requestmirror.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.testing.HttpMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Responses whose framing or status a gateway must not take literally. */
class PrimaryResponseTest extends GatewayInProcess {
  private static final byte[] NOTHING = new byte[0];
  private static final String FINAL = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

  private HttpMessage responseTo(String method, String raw) throws Exception {
    client.send(NOTHING, method + " /x HTTP/1.1", "Host: h");
    assertThat(primary.readHead()).startsWith(method + " /x HTTP/1.1\r\n");
    primary.respond(raw);
    return client.receive(method.equals("HEAD") || raw.startsWith("HTTP/1.1 304 "));
  }

  /** RFC 9110 15.2 allows a gateway to drop them. */
  @ParameterizedTest
  @ValueSource(strings = {"100 Continue", "102 Processing", "103 Early Hints", "199 Other"})
  void finalResponseArrivesAfterAnyNumberOfInterimResponses(String status) throws Exception {
    String interim = "HTTP/1.1 " + status + "\r\nLink: </a>\r\n\r\n";
    for (int times = 1; times <= 3; times++) {
      HttpMessage response = responseTo("GET", interim.repeat(times) + FINAL);
      assertThat(response.headText()).isEqualTo(FINAL);
    }
    assertNothingMoreAtPrimary();
  }

  @Test
  void finalResponseArrivesLaterThanInterimResponses() throws Exception {
    client.send(new byte[] {'x'}, "POST /x HTTP/1.1", "Host: h", "Content-Length: 1");
    assertThat(primary.readHead()).startsWith("POST");
    primary.respond("HTTP/1.1 100 Continue\r\n\r\n");
    assertThat(primary.readBytes(1)).isEqualTo("x");
    primary.respond("HTTP/1.1 103 Early Hints\r\n\r\n");
    primary.respond();
    assertThat(client.receive(false).headText()).isEqualTo(FINAL);
  }

  @Test
  void primaryThatEndsAfterAnInterimResponse_502() throws Exception {
    client.send(NOTHING, "GET /x HTTP/1.1", "Host: h");
    assertThat(primary.readHead()).startsWith("GET");
    primary.respond("HTTP/1.1 103 Early Hints\r\n\r\n");
    primary.closeConnection();
    assertThat(client.receive(false).status()).isEqualTo(502);
  }

  @ParameterizedTest
  @CsvSource({
    // RFC 9110 8.6: no length in 204; that of a response to GET in one to HEAD and in 304.
    "GET, 204 No Content, Content-Length: 5, ''",
    "GET, 204 No Content, Content-Length: 0, ''",
    "GET, 304 Not Modified, Content-Length: 5, Content-Length: 5",
    "GET, 304 Not Modified, '', ''",
    "HEAD, 200 OK, Content-Length: 5, Content-Length: 5",
    "HEAD, 200 OK, Transfer-Encoding: chunked, Transfer-Encoding: chunked",
    "HEAD, 200 OK, '', Transfer-Encoding: chunked",
    "HEAD, 304 Not Modified, Content-Length: 5, Content-Length: 5",
  })
  void lengthOfResponseWithoutBody(String method, String status, String sent, String received)
      throws Exception {
    String head = "HTTP/1.1 " + status + "\r\nX-A: 1\r\n";
    for (int i = 0; i < 2; i++) {
      HttpMessage response =
          responseTo(method, head + (sent.isEmpty() ? "" : sent + "\r\n") + "\r\n");
      assertThat(response.headText())
          .isEqualTo(head + (received.isEmpty() ? "" : received + "\r\n") + "\r\n");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // RFC 9112 6.1: the client could not decode it without the header.
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na",
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
        "garbage\r\n\r\n"
      })
  void responseThatCannotBeForwarded_502AndTheConnectionStaysOpen(String raw) throws Exception {
    for (int i = 0; i < 2; i++) {
      HttpMessage response = responseTo("GET", raw);
      assertThat(response.status()).isEqualTo(502);
      assertThat(response.header("Connection")).isNull();
      assertThat(response.header("Content-Type")).isEqualTo("text/plain");
      assertThat(response.body())
          .asString()
          .isEqualTo("gateway: 502 the response of the primary is not valid\n");
      primary.closeConnection();
    }
  }
}
