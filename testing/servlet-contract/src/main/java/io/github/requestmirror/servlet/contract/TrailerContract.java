package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.testing.Conservation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Trailers, in both directions. They are not part of a copy. */
abstract class TrailerContract extends ServletContract {
  private static final byte[] BODY = bytes(3000);

  TrailerContract(Container container) {
    super(container);
  }

  /** Returns the response with its framing and trailers. */
  private static String raw(int port) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(20_000);
      String head =
          String.join(
              "\r\n",
              "POST /push HTTP/1.1",
              "Host: gateway",
              "Connection: close",
              "Trailer: X-Check",
              "TE: trailers",
              "Transfer-Encoding: chunked",
              "",
              "");
      String chunks = new String(chunks(BODY, 1000), StandardCharsets.ISO_8859_1);
      String trailers =
          chunks.substring(0, chunks.length() - 2) + "X-Check: 1\r\nX-Other: 2\r\n\r\n";
      socket.getOutputStream().write((head + trailers).getBytes(StandardCharsets.ISO_8859_1));
      String response =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      return response.replaceFirst("Date: [^\r]*", "Date: any");
    }
  }

  @Test
  void trailersPassInBothDirections() throws Exception {
    application(
        (request, response) -> {
          response.setTrailerFields(() -> Map.of("X-Sum", "3"));
          int length = request.getInputStream().readAllBytes().length;
          String seen =
              request.isTrailerFieldsReady() ? "" + new TreeMap<>(request.getTrailerFields()) : "";
          response.setContentType("text/plain");
          response.getOutputStream().print(length + " " + seen);
          response.flushBuffer();
        });
    String without = raw(plainPort());
    String with = raw(mirroredPort());
    assertThat(with).isEqualTo(without).contains("3000 ");
    Conservation.awaitSettled(mirror());
    assertThat(assertCopied(BODY).headers("X-Check")).isEmpty();
  }
}
