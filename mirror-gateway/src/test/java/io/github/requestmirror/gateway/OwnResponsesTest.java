package io.github.requestmirror.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.LogGuard;
import io.github.requestmirror.testing.RawClient;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Responses of the gateway itself are one line of text and keep the connection if possible. */
class OwnResponsesTest extends GatewayInProcess {
  private static final byte[] NOTHING = new byte[0];
  @RegisterExtension final LogGuard log = new LogGuard();

  private static void assertText(HttpMessage response, int status, String reason) {
    assertThat(response.status()).isEqualTo(status);
    assertThat(response.header("Content-Type")).isEqualTo("text/plain");
    assertThat(response.body()).asString().isEqualTo("gateway: " + status + " " + reason + "\n");
  }

  @ParameterizedTest
  @CsvSource({
    "GET /x HTTP/1.1|Host: a b, 400, Bad HostPort",
    "GET /x HTTP/1.1|Host: a|Host: b, 400, Duplicate Host Header",
    "GET /x HTTP/1.1, 400, No Host",
    "GET /x HTTP/1.1|Host: h|X y: 1, 400, Illegal character SPACE=' '",
    "GET /x HTTP/3.0|Host: h, 505, Unsupported Version",
    "GET /x HTTP/1.1|Host: h|Expect: other, 417, Expectation Failed",
    "CONNECT h:80 HTTP/1.1|Host: h:80, 501, the gateway is not a tunnel",
    "'POST /x HTTP/1.1|Host: h|Transfer-Encoding: gzip, chunked', 501,"
        + " the transfer coding is not supported",
  })
  void requestThatTheGatewayRefuses(String head, int status, String reason) throws Exception {
    for (String accept : List.of("text/html", "application/json")) {
      try (RawClient own = new RawClient(gateway.port())) {
        own.send(NOTHING, (head + "|Accept: " + accept).split("\\|"));
        HttpMessage response = own.receive(false);
        assertThat(response.status()).isEqualTo(status);
        assertThat(response.header("Content-Type")).isEqualTo("text/plain");
        assertThat(response.body()).asString().startsWith("gateway: " + status + " " + reason);
      }
    }
    assertNothingMoreAtPrimary();
  }

  @Test
  void requestTargetThatIsNotUtf8KeepsTheConnection() throws Exception {
    for (int i = 0; i < 2; i++) {
      assertText(
          client.exchange(NOTHING, "GET /\u00ff HTTP/1.1", "Host: h", "Accept: text/html"),
          400,
          "the request target is not valid UTF-8");
    }
  }

  @Test
  void failureOfThePrimaryKeepsTheConnection() throws Exception {
    for (String method : List.of("GET", "DELETE", "POST")) {
      client.send(NOTHING, method + " /x HTTP/1.1", "Host: h", "Content-Length: 0");
      assertThat(primary.readHead()).startsWith(method);
      primary.closeConnection();
      HttpMessage response = client.receive(false);
      assertText(response, 502, "the connection to the primary failed");
      assertThat(response.header("Connection")).isNull();
    }
  }

  @Test
  void unreachablePrimaryKeepsTheConnection() throws Exception {
    primary.close();
    for (int i = 0; i < 2; i++) {
      client.send(NOTHING, "GET /x HTTP/1.1", "Host: h");
      assertText(client.receive(false), 502, "the primary cannot be reached");
    }
  }

  /** It is not a failure of the primary, and not counted as one. */
  @ParameterizedTest
  @CsvSource({"false", "true"})
  void malformedChunk_400(boolean afterForwarding) throws Exception {
    client
        .out()
        .write(
            "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
                .getBytes(ISO_8859_1));
    if (afterForwarding) {
      assertThat(primary.readHead()).startsWith("POST");
      assertThat(primary.readBytes(8)).isEqualTo("5\r\nhello");
    }
    client.out().write("zz\r\n".getBytes(ISO_8859_1));
    HttpMessage response = client.receive(false);
    assertText(response, 400, "the body of the request is malformed or incomplete");
    assertThat(response.header("Connection")).isEqualTo("close");
    assertThat(log.warnings()).noneMatch(line -> line.contains("failed at the primary"));
  }
}
