package io.github.requestmirror.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RawClient;
import io.github.requestmirror.testing.RecordedRequests;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests are forwarded to the primary unchanged. */
class RequestIT extends PassThrough {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/a%2Fb",
        "/a%2fb%5C",
        "/a+b",
        "/a;x=1/b",
        "/;",
        "/a//b",
        "//a/b",
        "/a/",
        "/a/./b/../c",
        "/a/%2e%2E/c",
        "/a%20b",
        "/%FF",
        "/a|b{c}",
        "/p?",
        "/p??",
        "/p?a=%2F&b=+c;d",
        "/p?a=|{}^`\\\"<>[]",
        "/p?a=%zz&b=%",
        "/p?a=1&a=2&&=",
        "/api/v1/query?query=up{job=\"a\"}[5m]",
        "/caf\u00c3\u00a9?q=\u00c3\u00a9", // the bytes of UTF-8
      })
  void requestTarget(String target) throws Exception {
    HttpMessage response = client.exchange(NOTHING, "GET " + target + " HTTP/1.1", "Host: h");

    assertThat(response.status()).isEqualTo(200);
    assertThat(atPrimary().requestTarget()).isEqualTo(target);
  }

  @Test
  void requestTargetThatIsNotUtf8_400() throws Exception {
    HttpMessage response = client.exchange(NOTHING, "GET /\u00ff HTTP/1.1", "Host: h");

    assertThat(response.status()).isEqualTo(400);
    assertThat(primary.requests()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "DELETE", "OPTIONS", "PROPFIND", "post", "TRACE"})
  void method(String method) throws Exception {
    client.exchange(NOTHING, method + " /m HTTP/1.1", "Host: h");

    assertThat(atPrimary().method()).isEqualTo(method);
  }

  @Test
  void requestHeaders() throws Exception {
    String[] kept = {
      "Host: client.host:77",
      "User-Agent: Prometheus/2.42.0",
      "X-Scope-OrgID: tenant-1",
      "X-Repeated: 1",
      "Content-Type: application/x-protobuf; charset=UTF-8; proto=io.prometheus.write.v2.Request",
      "X-Repeated: 2",
      "Content-Encoding: snappy",
      "X-Prometheus-Remote-Write-Version: 2.0.0",
      "Accept-Encoding: GZIP , br",
      "Authorization: Basic c2VjcmV0",
      "Cookie: a=b; c=\"d\"",
      "X-Latin: \u00e9",
      "Content-Length: 3",
    };
    client.exchange(
        new byte[] {0, (byte) 0xff, 10},
        "POST /api/v1/push HTTP/1.1",
        kept[0],
        kept[1],
        kept[2],
        kept[3],
        kept[4],
        kept[5],
        kept[6],
        "Connection: keep-alive, X-Hop",
        "X-Hop: 1",
        "Keep-Alive: timeout=5",
        "TE: trailers",
        kept[7],
        kept[8],
        kept[9],
        kept[10],
        kept[11],
        kept[12]);

    assertThat(atPrimary().headerLines())
        .filteredOn(line -> !line.startsWith("X-Forwarded-For:"))
        .containsExactlyInAnyOrder(kept)
        .containsSubsequence(List.of(kept).subList(0, 12));
    assertThat(atPrimary().headers("X-Forwarded-For")).containsExactly("127.0.0.1");
    assertThat(atPrimary().body()).containsExactly(0, 0xff, 10);
    assertThat(atSecondary().headers("X-Repeated")).containsExactly("1", "2");
    assertThat(atSecondary().header("Authorization")).isNull();
    assertThat(atSecondary().header("X-Forwarded-For")).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain; charset=utf-8",
        "text/plain;charset=UTF-8",
        "application/json ;Charset=utf-8",
        "application/x-protobuf;proto=io.prometheus.write.v2.Request",
      })
  void contentType(String type) throws Exception {
    primary.behave(
        raw("HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\nContent-Length: 0", NOTHING));
    for (int i = 0; i < 2; i++) {
      HttpMessage response =
          client.exchange(
              new byte[] {1},
              "POST / HTTP/1.1",
              "Host: h",
              "Content-Type: " + type,
              "Content-Length: 1");

      assertThat(response.headers("Content-Type")).containsExactly(type);
      assertThat(primary.requests().get(i).headers("Content-Type")).containsExactly(type);
    }
    assertThat(atSecondary().headers("Content-Type")).containsExactly(type);
  }

  @Test
  void noHeadersAreAddedExceptForwardedFor() throws Exception {
    client.exchange(new byte[] {7}, "POST /p HTTP/1.1", "Host: h", "Content-Length: 1");

    assertThat(atPrimary().headerLines())
        .containsExactlyInAnyOrder("Host: h", "Content-Length: 1", "X-Forwarded-For: 127.0.0.1");
  }

  @Test
  void forwardedFor_addressIsAppended() throws Exception {
    client.exchange(
        NOTHING,
        "GET / HTTP/1.1",
        "Host: h",
        "X-Forwarded-For: 192.0.2.7",
        "X-Forwarded-For: 192.0.2.8");

    assertThat(atPrimary().headers("X-Forwarded-For"))
        .containsExactly("192.0.2.7, 192.0.2.8, 127.0.0.1");
  }

  @Test
  void contentLengthZero() throws Exception {
    client.exchange(NOTHING, "POST / HTTP/1.1", "Host: h", "Content-Length: 0");

    assertThat(atPrimary().headers("Content-Length")).containsExactly("0");
  }

  @Test
  void chunkedBody() throws Exception {
    byte[] chunks = "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n".getBytes(ISO_8859_1);
    client.exchange(chunks, "POST /c HTTP/1.1", "Host: h", "Transfer-Encoding: chunked");

    assertThat(atPrimary().body()).asString().isEqualTo("hello world");
    assertThat(atPrimary().header("Content-Length")).isNull();
    assertThat(atSecondary().body()).asString().isEqualTo("hello world");
  }

  @Test
  void recordedTraffic() throws Exception {
    for (HttpMessage request : RecordedRequests.small()) {
      assertThat(client.exchange(request).status()).isEqualTo(200);
    }
    await().untilAsserted(() -> assertThat(secondary.requests()).hasSize(240));
    List<HttpMessage> requests = RecordedRequests.small();
    List<HttpMessage> copies = RecordedRequests.inOrderOf(requests, secondary.requests());
    for (int i = 0; i < 240; i++) {
      HttpMessage sent = requests.get(i);
      assertThat(primary.requests().get(i).startLine()).isEqualTo(sent.startLine());
      assertThat(primary.requests().get(i).body()).isEqualTo(sent.body());
      assertThat(primary.requests().get(i).headerLines()).containsAll(sent.headerLines());
      assertThat(copies.get(i).startLine()).isEqualTo(sent.startLine());
    }
  }

  @Test
  void expect100Continue_gatewayResponds() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
      socket.setSoTimeout(10_000);
      OutputStream out = socket.getOutputStream();
      String head =
          "POST /e HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
      out.write(head.getBytes(ISO_8859_1));
      byte[] interim = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(ISO_8859_1);
      assertThat(socket.getInputStream().readNBytes(interim.length)).isEqualTo(interim);
      out.write(new byte[] {1, 2});

      assertThat(HttpMessage.readResponse(socket.getInputStream(), false).status()).isEqualTo(200);
    }
    assertThat(atPrimary().header("Expect")).isNull();
    assertThat(atPrimary().body()).containsExactly(1, 2);
    assertThat(atSecondary().body()).containsExactly(1, 2);
  }

  @Test
  void malformedRequestsAreLoggedOnceASecond() throws Exception {
    int before = gateway.err().size();
    long start = System.nanoTime();
    for (int i = 0; i < 200; i++) {
      try (RawClient own = gateway.connect()) {
        own.send(NOTHING, "GET / HTTP/1.1", "Host: " + "a b".repeat(10_000));
        assertThat(own.receive(false).status()).isEqualTo(400);
      }
    }
    long seconds = 1 + (System.nanoTime() - start) / 1_000_000_000;
    await().until(() -> gateway.err().size() > before);
    List<String> lines = gateway.err().subList(before, gateway.err().size());
    assertThat(lines)
        .hasSizeLessThanOrEqualTo((int) seconds + 1)
        .allSatisfy(line -> assertThat(line).hasSizeLessThan(500))
        .anyMatch(line -> line.contains("requests refused; latest: gateway: 400 Bad HostPort"));
  }

  @Test
  void deniedEndpoint_isForwardedButNotMirrored() throws Exception {
    long denied = gateway.outcome("DENIED");
    client.exchange(NOTHING, "GET /ingester/shutdown HTTP/1.1", "Host: h");
    client.exchange(NOTHING, "GET /ingester/%73hutdown?x HTTP/1.1", "Host: h");
    client.exchange(NOTHING, "GET /after HTTP/1.1", "Host: h");

    assertThat(primary.requests()).hasSize(3);
    assertThat(atSecondary().requestTarget()).isEqualTo("/after");
    assertThat(secondary.requests()).hasSize(1);
    assertThat(gateway.outcome("DENIED")).isEqualTo(denied + 2);
  }
}
