package io.github.requestmirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.Wire;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Responses of the target and their outcomes. */
class ResponseTest {
  @RegisterExtension final Conservation conservation = new Conservation();
  private final TestTarget server = new TestTarget();
  private final List<MirrorListener.Event> events = new CopyOnWriteArrayList<>();

  @AfterEach
  void closeServer() {
    server.close();
  }

  private Mirror start(long maxResponseBytes) {
    return conservation.watch(
        Mirror.builder()
            .target(
                MirrorTarget.builder(server.uri())
                    .name("secondary")
                    .maxResponseBytes(maxResponseBytes)
                    .build(),
                MirrorPolicy.builder().build())
            .listener(events::add)
            .start());
  }

  private static TestTarget.Behaviour raw(String response) {
    return (request, out) -> write(out, response);
  }

  private static TestTarget.Behaviour rawAndClose(String response) {
    return (request, out) -> {
      write(out, response);
      out.close();
    };
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  private void post(Mirror mirror) {
    Wire.post(mirror, "/", new byte[100]);
    Conservation.awaitSettled(mirror);
  }

  private MirrorListener.Event lastEvent() {
    await().until(() -> !events.isEmpty());
    return events.get(events.size() - 1);
  }

  @ParameterizedTest
  @CsvSource({
    "200, ACCEPTED",
    "202, ACCEPTED",
    "204, ACCEPTED",
    "299, ACCEPTED",
    "301, REJECTED",
    "304, REJECTED",
    "307, REJECTED",
    "400, REJECTED",
    "401, REJECTED",
    "407, REJECTED",
    "409, REJECTED",
    "429, THROTTLED",
    "500, UNAVAILABLE",
    "503, UNAVAILABLE",
    "599, UNAVAILABLE"
  })
  void statusDecidesTheOutcomeAndKeepsTheConnection(int status, Outcome outcome) {
    server.behave(TestTarget.respond(status, status == 200 ? "body" : ""));
    Mirror mirror = start(1000);
    post(mirror);
    post(mirror);
    assertThat(mirror.stats().target("secondary").count(outcome)).isEqualTo(2);
    assertThat(lastEvent().status()).isEqualTo(status);
    assertThat(server.requests()).hasSize(2);
    assertThat(server.connectionsAccepted()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "000, status",
    "0, status",
    "099, the target responded with status 99",
    "600, the target responded with status 600",
    "999, the target responded with status 999",
    "2000, status",
    "-1, status"
  })
  void invalidStatusIsAnIoErrorWithAClearCause(String status, String cause) {
    server.behave(rawAndClose("HTTP/1.1 " + status + " X\r\nContent-Length: 0\r\n\r\n"));
    Mirror mirror = start(1000);
    post(mirror);
    assertThat(mirror.stats().target("secondary").count(Outcome.IO_ERROR)).isEqualTo(1);
    assertThat(lastEvent().status()).isZero();
    // HttpCore's parser rejects some of them, with a message of its own.
    assertThat(String.valueOf(lastEvent().cause())).containsIgnoringCase(cause);
  }

  @Test
  void doesNotFollowRedirect() {
    server.behave(
        raw("HTTP/1.1 307 Elsewhere\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"));
    Mirror mirror = start(1000);
    post(mirror);
    assertThat(server.requests()).hasSize(1);
    assertThat(mirror.stats().target("secondary").count(Outcome.REJECTED)).isEqualTo(1);
  }

  @Test
  void doesNotAuthenticateOnChallenge() {
    server.behave(
        raw("HTTP/1.1 401 Who\r\nWWW-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n"));
    Mirror mirror = start(1000);
    post(mirror);
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void doesNotSendCookies() {
    server.behave(raw("HTTP/1.1 200 OK\r\nSet-Cookie: a=b; Path=/\r\nContent-Length: 0\r\n\r\n"));
    Mirror mirror = start(1000);
    post(mirror);
    post(mirror);
    assertThat(server.requests().get(1).header("Cookie")).isNull();
  }

  @Test
  void skipsInterimResponses() {
    server.behave(
        raw(
            String.join(
                "\r\n",
                "HTTP/1.1 100 Continue",
                "",
                "HTTP/1.1 103 Early Hints",
                "Link: </x>",
                "",
                "HTTP/1.1 102 Processing",
                "",
                "HTTP/1.1 200 OK",
                "Content-Length: 2",
                "",
                "ok")));
    Mirror mirror = start(1000);
    post(mirror);
    post(mirror);
    assertThat(mirror.stats().target("secondary").count(Outcome.ACCEPTED)).isEqualTo(2);
    assertThat(server.connectionsAccepted()).isEqualTo(1);
  }

  /** The body is not gzip, so decoding it would fail. */
  @Test
  void doesNotDecodeResponse() {
    server.behave(
        raw("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 7\r\n\r\nnotgzip"));
    Mirror mirror = start(1000);
    post(mirror);
    assertThat(mirror.stats().target("secondary").count(Outcome.ACCEPTED)).isEqualTo(1);
  }

  @Test
  void readsChunkedResponseToItsEnd() {
    server.behave(
        raw(
            String.join(
                "\r\n",
                "HTTP/1.1 200 OK",
                "Transfer-Encoding: chunked",
                "",
                "5",
                "hello",
                "3;x=y",
                "you",
                "0",
                "Trailer: t",
                "",
                "")));
    Mirror mirror = start(1000);
    post(mirror);
    post(mirror);
    assertThat(mirror.stats().target("secondary").count(Outcome.ACCEPTED)).isEqualTo(2);
    assertThat(server.connectionsAccepted()).isEqualTo(1);
  }

  @Test
  void acceptsResponseEndedByConnectionClose() {
    server.behave(rawAndClose("HTTP/1.0 200 OK\r\n\r\nuntil the end"));
    Mirror mirror = start(1000);
    post(mirror);
    post(mirror);
    assertThat(mirror.stats().target("secondary").count(Outcome.ACCEPTED)).isEqualTo(2);
    assertThat(server.connectionsAccepted()).isEqualTo(2);
  }

  @Test
  void statusDecides_whenTheResponseBodyIsTruncated() {
    server.behave(rawAndClose("HTTP/1.1 503 Busy\r\nContent-Length: 100\r\n\r\ncut"));
    Mirror mirror = start(1000);
    post(mirror);
    assertThat(mirror.stats().target("secondary").count(Outcome.UNAVAILABLE)).isEqualTo(1);
  }

  @Test
  void readsEndlessResponseOnlyToTheLimit() {
    server.behave(server.endless());
    Mirror mirror = start(100_000);
    post(mirror);
    post(mirror);
    assertThat(mirror.stats().target("secondary").count(Outcome.ACCEPTED)).isEqualTo(2);
    assertThat(server.connectionsAccepted()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({"99, 2", "100, 1", "0, 2"})
  void responseLimitIsExact(int limit, int connections) {
    server.behave(TestTarget.respond(200, "x".repeat(100)));
    Mirror mirror = start(limit);
    post(mirror);
    post(mirror);
    assertThat(mirror.stats().target("secondary").count(Outcome.ACCEPTED)).isEqualTo(2);
    assertThat(server.connectionsAccepted()).isEqualTo(connections);
  }

  /** Tests more and longer header lines than HttpCore 5.4 accepts by default. */
  @ParameterizedTest
  @CsvSource({
    "1, 10_000, ACCEPTED",
    "1, 60_000, ACCEPTED",
    "6, 10_000, ACCEPTED",
    "900, 50, ACCEPTED",
    "1, 70_000, IO_ERROR",
    "12, 10_000, IO_ERROR",
    "1100, 40, IO_ERROR"
  })
  void responseHeadersAreLimitedTo64KiB(int lines, String length, Outcome outcome) {
    int filler = Integer.parseInt(length.replace("_", "")) - "X-Filler: \r\n".length();
    server.behave(
        raw(
            "HTTP/1.1 200 OK\r\n"
                + ("X-Filler: " + "x".repeat(filler) + "\r\n").repeat(lines)
                + "Content-Length: 100000\r\n\r\n"
                + "x".repeat(100_000)));
    Mirror mirror = start(100_000);
    post(mirror);
    MirrorStats.Target stats = mirror.stats().target("secondary");
    assertThat(stats.count(outcome)).as("%s", stats).isEqualTo(1);
  }

  @Test
  void countsResponseThatIsNotHttpAsIoError() {
    server.behave(rawAndClose("SSH-2.0-OpenSSH_9.2\r\n\r\nwhatever\r\n\r\n"));
    Mirror mirror = start(1000);
    post(mirror);
    assertThat(mirror.stats().target("secondary").count(Outcome.IO_ERROR)).isEqualTo(1);
  }

  @Test
  void countsErrorResponseReceivedWhileSendingTheBody() {
    server.respondEarly(
        "HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 7\r\n\r\ntoo big");
    Mirror mirror = start(1000);
    for (int i = 0; i < 3; i++) {
      Wire.post(mirror, "/", Wire.bytes(5 << 20, i));
      Conservation.awaitSettled(mirror);
    }
    MirrorStats.Target stats = mirror.stats().target("secondary");
    assertThat(stats.count(Outcome.REJECTED)).as("%s", stats).isEqualTo(3);
  }

  @Test
  void listenerReceivesStatusOfErrorResponse() {
    server.behave(TestTarget.respond(400, "out of order sample"));
    Mirror mirror = start(1000);
    post(mirror);
    MirrorListener.Event event = lastEvent();
    assertThat(event.outcome()).isEqualTo(Outcome.REJECTED);
    assertThat(event.status()).isEqualTo(400);
    assertThat(event.cause()).isNull();
  }
}
