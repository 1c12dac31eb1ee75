package io.github.requestmirror.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RawClient;
import io.github.requestmirror.testing.TestTarget;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults of the primary and of clients. */
class FaultsIT {
  private static final byte[] NOTHING = new byte[0];
  private static final String[] GET = {"GET / HTTP/1.1", "Host: h"};
  private static TestTarget primary;
  private static TestTarget secondary;
  private static GatewayProcess gateway;

  @BeforeAll
  static void start() throws Exception {
    primary = new TestTarget();
    secondary = new TestTarget();
    gateway = GatewayProcess.start(primary.uri(), secondary.uri(), "--primary-timeout=1s");
  }

  @AfterAll
  static void stop() throws Exception {
    gateway.close();
    primary.close();
    secondary.close();
  }

  @BeforeEach
  void reset() {
    primary.requests().clear();
    secondary.requests().clear();
    primary.behave(TestTarget.status(204));
  }

  /** A late request or copy must not count as one of the next test. */
  @AfterEach
  void assertNothingPending() {
    await()
        .untilAsserted(
            () -> {
              assertThat(gateway.stats().at("/pending").asLong()).isZero();
              assertThat(gateway.stats().at("/bufferedBytes").asLong()).isZero();
            });
  }

  private HttpMessage exchange(byte[] body, String... head) throws Exception {
    try (RawClient client = gateway.connect()) {
      return client.exchange(body, head);
    }
  }

  private HttpMessage post(byte[] body) throws Exception {
    return exchange(body, "POST /p HTTP/1.1", "Host: h", "Content-Length: " + body.length);
  }

  @Test
  void primaryRefusesConnections_502() throws Exception {
    long before = primaryFailureLines();
    primary.refuse();

    HttpMessage response = post(new byte[100_000]);

    assertThat(response.status()).isEqualTo(502);
    // An earlier connection may fail before a new one is refused.
    assertThat(response.body())
        .asString()
        .isIn(
            "gateway: 502 the primary cannot be reached\n",
            "gateway: 502 the connection to the primary failed\n");
    // An earlier test may have used up the one line for each second.
    await()
        .untilAsserted(
            () -> {
              assertThat(exchange(NOTHING, GET).status()).isEqualTo(502);
              assertThat(primaryFailureLines()).isGreaterThan(before);
            });
    primary.resumeListening();
    // Jetty's client fails all requests that wait for a connection when one attempt to connect
    // fails, even if it began before the port was open again.
    await().untilAsserted(() -> assertThat(exchange(NOTHING, GET).status()).isEqualTo(204));
    assertNothingPending();
  }

  private long primaryFailureLines() {
    return gateway.err().stream().filter(line -> line.contains("failed at the primary")).count();
  }

  @Test
  void primaryHangs_504() throws Exception {
    primary.behave(primary.hang());
    long start = System.nanoTime();

    assertThat(exchange(NOTHING, GET).status()).isEqualTo(504);
    assertThat(post(new byte[100_000]).status()).isEqualTo(504);

    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(Duration.ofMillis(1900), Duration.ofSeconds(10));
    primary.behave(TestTarget.status(200));
    assertThat(exchange(NOTHING, GET).status()).isEqualTo(200);
  }

  @Test
  void primaryStallsDuringResponse_responseIsTruncated() throws Exception {
    primary.behave(
        (request, out) -> {
          out.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf".getBytes(ISO_8859_1));
          out.flush();
          primary.hang().handle(request, out);
        });

    assertThatThrownBy(() -> exchange(NOTHING, GET)).isInstanceOf(EOFException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
      })
  void primaryClosesDuringResponse_truncatedOr502(String cut) throws Exception {
    primary.behave(
        (request, out) -> {
          out.write(cut.getBytes(ISO_8859_1));
          out.close();
        });
    HttpMessage response;
    try {
      response = exchange(NOTHING, GET);
    } catch (EOFException e) {
      return;
    }
    assertThat(response.status()).as("a truncated response must not look complete").isEqualTo(502);
  }

  @Test
  void primaryClosesDuringRequest_clientConnectionIsClosed() throws Exception {
    try (ServerSocket brief = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        GatewayProcess own =
            GatewayProcess.start(
                URI.create("http://127.0.0.1:" + brief.getLocalPort()), secondary.uri());
        RawClient client = own.connect()) {
      client.send(new byte[1000], "POST /p HTTP/1.1", "Host: h", "Content-Length: 1000000");
      try (Socket socket = brief.accept()) {
        assertThat(socket.getInputStream().readNBytes(100)).hasSize(100);
        socket
            .getOutputStream()
            .write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf".getBytes(ISO_8859_1));
      }
      assertThatThrownBy(() -> client.receive(false)).isInstanceOf(IOException.class);
      // The client has not closed its side.
      await().untilAsserted(() -> assertThat(own.outcome("BODY_INCOMPLETE")).isEqualTo(1));
    }
  }

  @Test
  void primaryClosesAfterResponseHead_502() throws Exception {
    primary.behave(
        (request, out) -> {
          out.write("HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 9\r\n\r\n".getBytes(ISO_8859_1));
          out.close();
        });

    HttpMessage response = exchange(NOTHING, GET);

    assertThat(response.status()).isEqualTo(502);
    assertThat(response.header("X-A")).isNull();
    assertThat(response.body())
        .asString()
        .isEqualTo("gateway: 502 the connection to the primary failed\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "garbage\r\n\r\n"})
  void primarySendsInvalidResponse_502(String response) throws Exception {
    primary.behave(
        (request, out) -> {
          out.write(response.getBytes(ISO_8859_1));
          out.close();
        });

    assertThat(post(new byte[10]).status()).isEqualTo(502);
  }

  @Test
  void primaryRespondsBeforeRequestIsComplete_responseIsForwarded() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    try (ServerSocket early = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        GatewayProcess own =
            GatewayProcess.start(
                URI.create("http://127.0.0.1:" + early.getLocalPort()), secondary.uri());
        RawClient client = own.connect()) {
      Thread server =
          new Thread(
              () -> {
                try (Socket socket = early.accept()) {
                  byte[] start = socket.getInputStream().readNBytes(100);
                  assertThat(start).hasSize(100);
                  socket
                      .getOutputStream()
                      .write(
                          String.join(
                                  "\r\n",
                                  "HTTP/1.1 413 Too Large",
                                  "X-Limit: 1",
                                  "Content-Length: 3",
                                  "",
                                  "big")
                              .getBytes(ISO_8859_1));
                  done.await();
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              });
      server.start();
      client.send(new byte[1000], "POST /p HTTP/1.1", "Host: h", "Content-Length: 1000000");

      HttpMessage response = client.receive(false);

      assertThat(response.status()).isEqualTo(413);
      assertThat(response.header("X-Limit")).isEqualTo("1");
      assertThat(response.body()).asString().isEqualTo("big");
      // Neither the client nor the primary closes, but the gateway does.
      await().untilAsserted(() -> assertThat(own.outcome("BODY_INCOMPLETE")).isEqualTo(1));
      done.countDown();
    }
  }

  @Test
  void clientAbortsRequestBody_primarySeesNoCompleteRequest() throws Exception {
    // So that the gateway opens a connection for the request.
    primary.closeConnections();
    int connections = primary.connectionsAccepted();
    long incomplete = gateway.outcome("BODY_INCOMPLETE");
    try (RawClient client = gateway.connect()) {
      client.send(new byte[1000], "POST /p HTTP/1.1", "Host: h", "Content-Length: 100000");
      await()
          .untilAsserted(
              () -> assertThat(primary.connectionsAccepted()).isEqualTo(connections + 1));
      client.abort();
    }
    await()
        .untilAsserted(
            () -> assertThat(gateway.outcome("BODY_INCOMPLETE")).isEqualTo(incomplete + 1));
    assertThat(primary.requests()).as("complete requests").isEmpty();
    assertThat(secondary.requests()).isEmpty();
    assertNothingPending();
  }

  @Test
  void clientsCloseBeforeResponse_requestsAreMirrored() throws Exception {
    primary.behave(primary.hang());
    for (int i = 0; i < 50; i++) {
      try (RawClient client = gateway.connect()) {
        client.send(new byte[10], "POST /p HTTP/1.1", "Host: h", "Content-Length: 10");
        int sent = i + 1;
        await().untilAsserted(() -> assertThat(primary.requests()).hasSize(sent));
        client.abort();
      }
    }
    primary.behave(TestTarget.status(200));
    assertThat(exchange(NOTHING, GET).status()).isEqualTo(200);
    assertNothingPending();
    assertThat(secondary.requests()).hasSize(51);
  }
}
