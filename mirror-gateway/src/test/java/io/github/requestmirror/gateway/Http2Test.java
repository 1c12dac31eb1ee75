package io.github.requestmirror.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.LogGuard;
import io.github.requestmirror.testing.TestTarget;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http2.ErrorCode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Frames of HTTP/2: where bodies end, and failures that concern one stream only. */
class Http2Test {
  private static final HttpFields NO_HEADERS = HttpFields.EMPTY;

  @RegisterExtension final Conservation conservation = new Conservation();
  @RegisterExtension final LogGuard log = new LogGuard();
  private final TestTarget primary = new TestTarget().behave(TestTarget.respond(200, "ok"));
  private final TestTarget secondary = new TestTarget();
  private Gateway gateway;
  private Http2Client client;

  @BeforeEach
  void start() throws Exception {
    gateway =
        Gateway.start(
            GatewayOptions.parse(
                "--bind=127.0.0.1",
                "--listen=0",
                "--admin=0",
                "--match=all",
                "--primary=" + primary.uri(),
                "--target=" + secondary.uri()));
    conservation.watch(gateway.mirror());
    client = new Http2Client(gateway.port());
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    primary.close();
    gateway.close();
    secondary.close();
  }

  private static HttpFields length(String length) {
    return HttpFields.build().add(new HttpField(HttpHeader.CONTENT_LENGTH, length)).asImmutable();
  }

  private MirrorStats.Target target() {
    return gateway.mirror().stats().targets().get(0);
  }

  private HttpMessage copy() {
    await().untilAsserted(() -> assertThat(secondary.requests()).hasSize(1));
    return secondary.requests().get(0);
  }

  /** The connection still works. */
  private void assertServes() throws Exception {
    primary.behave(TestTarget.respond(200, "still"));
    assertThat(client.open("GET", NO_HEADERS, true).body()).isEqualTo("still");
  }

  @Test
  void bodyInSeveralFramesThatAnEmptyFrameEnds() throws Exception {
    Http2Client.Exchange exchange = client.open("POST", NO_HEADERS, false);
    exchange.send("one ", false).send("two", false).send("", true);

    assertThat(exchange.body()).isEqualTo("ok");
    assertThat(primary.requests().get(0).body()).asString().isEqualTo("one two");
    assertThat(primary.requests().get(0).headers("Transfer-Encoding")).containsExactly("chunked");
    assertThat(copy().body()).asString().isEqualTo("one two");
  }

  @Test
  void postThatTheHeadEndsHasLengthZero() throws Exception {
    assertThat(client.open("POST", NO_HEADERS, true).body()).isEqualTo("ok");

    assertThat(primary.requests().get(0).headers("Content-Length")).containsExactly("0");
    assertThat(primary.requests().get(0).header("Transfer-Encoding")).isNull();
    assertThat(copy().body()).isEmpty();
  }

  @Test
  void trailersAreDropped() throws Exception {
    Http2Client.Exchange exchange = client.open("POST", NO_HEADERS, false).send("body", false);
    exchange.sendTrailers(HttpFields.build().add("x-checksum", "1").asImmutable());

    assertThat(exchange.body()).isEqualTo("ok");
    assertThat(primary.requests().get(0).body()).asString().isEqualTo("body");
    assertThat(primary.requests().get(0).headText()).doesNotContain("checksum");
    assertThat(copy().body()).asString().isEqualTo("body");
    assertThat(copy().headText()).doesNotContain("checksum");
  }

  @Test
  void cookiesAreJoined() throws Exception {
    HttpFields cookies = HttpFields.build().add("cookie", "a=1").add("cookie", "b=2").asImmutable();
    client.open("GET", cookies, true).body();

    assertThat(primary.requests().get(0).headers("Cookie")).containsExactly("a=1; b=2");
  }

  @Test
  void bodyShorterThanItsLengthIsNotMirrored() throws Exception {
    Http2Client.Exchange exchange = client.open("POST", length("10"), false);
    exchange.send("short", true);

    assertNotMirrored(exchange);
  }

  @Test
  void bodyLongerThanItsLengthIsNotMirrored() throws Exception {
    assertNotMirrored(client.open("POST", length("3"), false).send("longer", true));
  }

  @Test
  void lengthOfABodyThatTheHeadEndsIsNotMirrored() throws Exception {
    assertNotMirrored(client.open("POST", length("5"), true));
  }

  @Test
  void trailersBeforeTheEndOfTheLengthAreNotMirrored() throws Exception {
    Http2Client.Exchange exchange = client.open("POST", length("10"), false).send("body", false);
    exchange.sendTrailers(HttpFields.build().add("x-checksum", "1").asImmutable());

    assertNotMirrored(exchange);
  }

  @Test
  void streamThatTheClientCancelsIsNotMirrored() throws Exception {
    Http2Client.Exchange exchange = client.open("POST", NO_HEADERS, false).send("body", false);
    await().untilAsserted(() -> assertThat(target().pending()).isEqualTo(1));
    exchange.cancel(ErrorCode.CANCEL_STREAM_ERROR.code);

    await().untilAsserted(() -> assertThat(target().count(Outcome.BODY_INCOMPLETE)).isEqualTo(1));
    assertServes();
    assertThat(copy().method()).isEqualTo("GET");
    assertThat(primary.requests()).extracting(HttpMessage::method).containsExactly("GET");
  }

  private void assertNotMirrored(Http2Client.Exchange exchange) throws Exception {
    assertThat(exchange.isRefused()).isTrue();
    await().untilAsserted(() -> assertThat(target().pending()).isZero());
    assertServes();
    assertThat(copy().method()).isEqualTo("GET");
    assertThat(primary.requests()).extracting(HttpMessage::method).containsExactly("GET");
  }

  @Test
  void framingHeadersThatAreNotValidAreRefused() throws Exception {
    assertRefused(length("abc"));
    assertRefused(length("+5"));
    assertRefused(length("-1"));
    assertRefused(length(""));
    assertRefused(HttpFields.build(length("0")).add("content-length", "0").asImmutable());
    assertServes();
    assertThat(primary.requests()).hasSize(1);
  }

  private void assertRefused(HttpFields headers) throws Exception {
    // Jetty closes the connection for some of them.
    try (Http2Client own = new Http2Client(gateway.port())) {
      assertThat(own.open("POST", headers, true).isRefused()).as("%s", headers).isTrue();
    }
  }

  @Test
  void truncatedResponseResetsItsStreamOnly() throws Exception {
    CountDownLatch truncate = new CountDownLatch(1);
    primary.behave(
        (request, out) -> {
          if (request.method().equals("PUT")) {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc".getBytes(ISO_8859_1));
            out.flush();
            truncate.await();
            throw new IOException("truncated on purpose");
          }
          TestTarget.respond(200, "other").handle(request, out);
        });
    Http2Client.Exchange other = client.open("POST", NO_HEADERS, false).send("half", false);
    Http2Client.Exchange truncated = client.open("PUT", length("1"), false).send("x", true);
    assertThat(truncated.head().getStatus()).isEqualTo(200);
    truncate.countDown();

    assertThat(truncated.reset()).isEqualTo(ErrorCode.INTERNAL_ERROR.code);
    other.send("", true);
    assertThat(other.body()).isEqualTo("other");
    await().untilAsserted(() -> assertThat(secondary.requests()).hasSize(2));
  }

  @Test
  void responseToHeadWithoutALengthHasNone() throws Exception {
    primary.behave(
        (request, out) -> {
          out.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes(ISO_8859_1));
          out.flush();
        });
    Http2Client.Exchange exchange = client.open("HEAD", NO_HEADERS, true);
    assertThat(exchange.body()).isEmpty();
    assertThat(exchange.head().getHttpFields().contains(HttpHeader.CONTENT_LENGTH)).isFalse();
  }

  @Test
  void upgradeToHttp2IsIgnored() throws Exception {
    // Without TLS, this client asks for an upgrade.
    HttpResponse<String> response =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_2)
            .build()
            .send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port())).build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
    assertThat(response.body()).isEqualTo("ok");
    assertThat(primary.requests().get(0).headText()).doesNotContainIgnoringCase("HTTP2-Settings");
  }

  @Test
  void stopWaitsForRequestsLongerThanIdleConnectionsAreKept() throws Exception {
    CountDownLatch respond = new CountDownLatch(1);
    primary.behave(
        (request, out) -> {
          if (request.method().equals("GET")) {
            respond.await();
          }
          TestTarget.respond(200, "late").handle(request, out);
        });
    Http2Client.Exchange first = client.open("GET", NO_HEADERS, true);
    await().untilAsserted(() -> assertThat(primary.requests()).hasSize(1));
    // The end of one request must not count as that of the other.
    assertThat(client.open("PUT", NO_HEADERS, true).body()).isEqualTo("late");
    CompletableFuture<Void> closed =
        CompletableFuture.runAsync(gateway::close, task -> new Thread(task).start());
    // Jetty closes connections that are idle for a second.
    await().pollDelay(2, TimeUnit.SECONDS).until(() -> true);
    respond.countDown();

    assertThat(first.body()).isEqualTo("late");
    closed.get(10, TimeUnit.SECONDS);
  }
}
