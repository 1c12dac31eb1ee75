package io.github.requestmirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.Wire;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.LoggerFactory;

/**
 * A target that stalls or closes the connection after every possible part of a response. The path
 * of a request is the response's index and the number of bytes that are sent.
 */
class TruncatedResponseTest {
  private static final Duration CALL_TIMEOUT = Duration.ofMillis(500);

  /**
   * A response.
   *
   * @param heads interim responses and the final head
   */
  private record Response(String heads, String body) {
    int length() {
      return heads.length() + body.length();
    }

    boolean endsWithConnection() {
      return heads.contains("close");
    }

    byte[] first(int bytes) {
      return (heads + body).substring(0, bytes).getBytes(StandardCharsets.ISO_8859_1);
    }
  }

  private static final List<Response> RESPONSES =
      List.of(
          new Response("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n", "stored"),
          new Response(
              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Checksum\r\n\r\n",
              "6;a=b\r\nstored\r\n4\r\ntwo\n\r\n0\r\nX-Checksum: abc\r\n\r\n"),
          new Response(
              """
              HTTP/1.1 103 Early Hints\r
              Link: </x>\r
              \r
              HTTP/1.1 200 OK\r
              Content-Length: 6\r
              \r
              """,
              "hinted"),
          new Response("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", "until close"));

  @RegisterExtension final Conservation conservation = new Conservation();
  private final Logger logger = (Logger) LoggerFactory.getLogger("io.github.requestmirror");
  private final TestTarget server = new TestTarget();
  private final Map<String, MirrorListener.Event> events = new ConcurrentHashMap<>();

  @BeforeEach
  void logNothing() {
    logger.setLevel(Level.OFF);
  }

  @AfterEach
  void closeServer() {
    server.close();
    logger.setLevel(null);
  }

  private Mirror start(Duration callTimeout) {
    MirrorTarget target =
        MirrorTarget.builder(server.uri())
            .name("secondary")
            .maxInFlight(500)
            .callTimeout(callTimeout)
            .drainTimeout(Duration.ZERO)
            .build();
    return conservation.watch(
        Mirror.builder()
            .target(target, MirrorPolicy.builder().order(MirrorOrder.NONE).build())
            .listener(event -> events.put(event.head().rawPath(), event))
            .start());
  }

  private static String path(int response, int length) {
    return "/" + response + "/" + length;
  }

  /** Returns the part of a response that a request asks for. */
  private static byte[] part(String path) {
    String[] segments = path.split("/", -1);
    return RESPONSES.get(Integer.parseInt(segments[1])).first(Integer.parseInt(segments[2]));
  }

  private static void sendPart(HttpMessage request, OutputStream out) throws IOException {
    out.write(part(request.requestTarget()));
    out.flush();
  }

  private MirrorListener.Event event(String path) {
    await().until(() -> events.containsKey(path));
    return Objects.requireNonNull(events.get(path));
  }

  /** Each response has a mirror of its own, so that the circuit breaker does not interfere. */
  @Test
  void timesOutAndClosesTheConnection_whereverAResponseStalls() {
    server.behave(TruncatedResponseTest::sendPart);
    List<String> stalled = new ArrayList<>();
    List<Mirror> mirrors = new ArrayList<>();
    for (int i = 0; i < RESPONSES.size(); i++) {
      Response response = RESPONSES.get(i);
      Mirror mirror = start(CALL_TIMEOUT);
      mirrors.add(mirror);
      int longest = response.length() - (response.endsWithConnection() ? 0 : 1);
      for (int length = 0; length <= longest; length++) {
        stalled.add(path(i, length));
        Wire.post(mirror, path(i, length), new byte[10]);
      }
    }
    mirrors.forEach(Conservation::awaitSettled);
    for (String path : stalled) {
      MirrorListener.Event event = event(path);
      assertThat(event.outcome()).as(path).isEqualTo(Outcome.TIMEOUT);
      assertThat(event.elapsed())
          .as(path)
          .isBetween(CALL_TIMEOUT, CALL_TIMEOUT.plus(Duration.ofSeconds(10)));
    }
    // Each copy had a connection of its own, and the mirror has closed it.
    assertThat(server.connectionsAccepted()).isEqualTo(stalled.size());
    await().until(() -> server.openConnections() == 0);
  }

  @Test
  void reusesTheConnection_afterACompleteResponse() {
    server.behave(TruncatedResponseTest::sendPart);
    Mirror mirror = start(Duration.ofSeconds(20));
    for (int i = 0; i < RESPONSES.size(); i++) {
      Response response = RESPONSES.get(i);
      if (!response.endsWithConnection()) {
        String path = path(i, response.length());
        Wire.post(mirror, path, new byte[10]);
        assertThat(event(path).outcome()).as(path).isEqualTo(Outcome.ACCEPTED);
      }
    }
    assertThat(server.connectionsAccepted()).isEqualTo(1);
  }

  /** The status decides the outcome, even if the body is incomplete. */
  @Test
  void failsIfTheConnectionEndsBeforeTheFinalHead() {
    int copies = RESPONSES.stream().mapToInt(response -> response.length() + 1).sum();
    CountDownLatch allArrived = new CountDownLatch(copies);
    server.behave(
        (request, out) -> {
          // Otherwise the first failures open the circuit breaker.
          allArrived.countDown();
          allArrived.await();
          sendPart(request, out);
          out.close();
        });
    Mirror mirror = start(Duration.ofSeconds(20));
    for (int i = 0; i < RESPONSES.size(); i++) {
      for (int length = 0; length <= RESPONSES.get(i).length(); length++) {
        Wire.post(mirror, path(i, length), new byte[10]);
      }
    }
    Conservation.awaitSettled(mirror);
    for (int i = 0; i < RESPONSES.size(); i++) {
      Response response = RESPONSES.get(i);
      for (int length = 0; length <= response.length(); length++) {
        String path = path(i, length);
        boolean hasHead = length >= response.heads().length();
        MirrorListener.Event event = event(path);
        assertThat(event.outcome())
            .as(path)
            .isEqualTo(hasHead ? Outcome.ACCEPTED : Outcome.IO_ERROR);
        assertThat(event.status()).as(path).isEqualTo(hasHead ? 200 : 0);
      }
    }
    assertThat(server.connectionsAccepted()).isEqualTo(copies);
    await().until(() -> server.openConnections() == 0);
  }
}
