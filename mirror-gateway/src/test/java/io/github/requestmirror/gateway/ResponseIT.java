package io.github.requestmirror.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.testing.HttpMessage;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Responses of the primary are forwarded to the client unchanged. */
class ResponseIT extends PassThrough {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK|Content-Type: text/plain; Charset=\"UTF-8\"|Content-Length: 3",
        "HTTP/1.1 200 OK|Date: Mon, 01 Jan 2024 00:00:00 GMT|Server: cortex|Content-Length: 3",
        "HTTP/1.1 200 OK|X-A: 1,2|X-B: q=\"a,b\" , c|X-A: 3|X-Empty:|Content-Length: 3",
        "HTTP/1.1 200 OK|Set-Cookie: a=b; Path=/|Set-Cookie: c=d|Content-Length: 3",
        "HTTP/1.1 202 Accepted|Content-Length: 3",
        "HTTP/1.1 301 Moved Permanently|Location: /relative?x=|{}|Content-Length: 3",
        "HTTP/1.1 307 Temporary Redirect|Location: http://127.0.0.1:1/x|Content-Length: 3",
        "HTTP/1.1 400 Bad Request|Content-Type: text/plain; charset=utf-8|Content-Length: 3",
        "HTTP/1.1 401 Unauthorized|WWW-Authenticate: Basic realm=\"a, b\"|Content-Length: 3",
        "HTTP/1.1 407 Proxy Authentication Required|Content-Length: 3",
        "HTTP/1.1 429 Too Many Requests|Retry-After: 30|Content-Length: 3",
        "HTTP/1.1 500 Server Error|Content-Length: 3",
        "HTTP/1.1 503 Service Unavailable|Retry-After: Mon, 01 Jan 2024 00:00:00 GMT"
            + "|Content-Length: 3",
      })
  void responseHeadAndBody(String lines) throws Exception {
    String head = lines.replace("|{}", "%7C").replace("|", "\r\n");
    primary.behave(raw(head, new byte[] {1, (byte) 0xfe, 3}));

    HttpMessage response =
        client.exchange(new byte[] {1}, "POST /p HTTP/1.1", "Host: h", "Content-Length: 1");

    assertThat(response.headText().replace("X-Empty: ", "X-Empty:")).isEqualTo(head + "\r\n\r\n");
    assertThat(response.body()).containsExactly(1, 0xfe, 3);
  }

  @Test
  void responseWithoutBody() throws Exception {
    String head =
        String.join(
            "\r\n",
            "HTTP/1.1 204 No Content",
            "X-Prometheus-Remote-Write-Samples-Written: 5",
            "X-Prometheus-Remote-Write-Histograms-Written: 0",
            "X-Prometheus-Remote-Write-Exemplars-Written: 1");
    primary.behave(raw(head, NOTHING));

    HttpMessage response = client.exchange(NOTHING, "POST /p HTTP/1.1", "Host: h");

    assertThat(response.headText()).isEqualTo(head + "\r\n\r\n");
    // The connection is usable for the next request.
    assertThat(client.exchange(NOTHING, "GET / HTTP/1.1", "Host: h").status()).isEqualTo(204);
  }

  @Test
  void responseToHead() throws Exception {
    primary.behave(raw("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\nETag: \"x\"", NOTHING));

    HttpMessage response = client.exchange(NOTHING, "HEAD / HTTP/1.1", "Host: h");

    assertThat(response.headerLines())
        .containsExactlyInAnyOrder("Content-Length: 1234", "ETag: \"x\"");
  }

  @Test
  void compressedResponse() throws Exception {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
      gzip.write("hello".getBytes(ISO_8859_1));
    }
    primary.behave(
        raw(
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + zipped.size(),
            zipped.toByteArray()));

    HttpMessage response = client.exchange(NOTHING, "GET / HTTP/1.1", "Host: h");

    assertThat(response.headers("Content-Encoding")).containsExactly("gzip");
    assertThat(response.body()).isEqualTo(zipped.toByteArray());
  }

  @Test
  void chunkedResponse() throws Exception {
    primary.behave(
        raw(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: X-Own\r\nX-Own: 1",
            "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n".getBytes(ISO_8859_1)));

    HttpMessage response = client.exchange(NOTHING, "GET / HTTP/1.1", "Host: h");

    assertThat(response.headerLines()).containsExactly("Transfer-Encoding: chunked");
    assertThat(response.body()).asString().isEqualTo("abcde");
  }

  @Test
  void responseIsForwardedImmediately() throws Exception {
    CountDownLatch seen = new CountDownLatch(1);
    primary.behave(
        (request, out) -> {
          raw("HTTP/1.1 200 OK\r\nContent-Length: 2", new byte[] {1}).handle(request, out);
          seen.await();
          out.write(2);
        });
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(ISO_8859_1));
      byte[] head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n".getBytes(ISO_8859_1);
      assertThat(socket.getInputStream().readNBytes(head.length)).isEqualTo(head);
      assertThat(socket.getInputStream().read()).isEqualTo(1);
      seen.countDown();
      assertThat(socket.getInputStream().read()).isEqualTo(2);
    } finally {
      seen.countDown();
    }
  }

  @Test
  void responseDelimitedByClose() throws Exception {
    primary.behave(
        (request, out) -> {
          raw("HTTP/1.1 200 OK\r\nX-A: 1", "until the end".getBytes(ISO_8859_1))
              .handle(request, out);
          out.close();
        });

    HttpMessage response = client.exchange(NOTHING, "GET / HTTP/1.1", "Host: h");

    assertThat(response.header("X-A")).isEqualTo("1");
    assertThat(response.body()).asString().isEqualTo("until the end");
  }

  @Test
  void cookiesAreNotStored() throws Exception {
    primary.behave(raw("HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0", NOTHING));
    client.exchange(NOTHING, "GET / HTTP/1.1", "Host: h");
    client.exchange(NOTHING, "GET / HTTP/1.1", "Host: h");

    assertThat(primary.requests().get(1).header("Cookie")).isNull();
  }
}
