package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** {@code Expect: 100-continue}: the container sends 100 only if the application reads. */
abstract class ContinueContract extends ServletContract {
  private static final byte[] BODY = bytes(3000);

  ContinueContract(Container container) {
    super(container);
  }

  /** Sends the body after a response of 100; returns all start lines and the final response. */
  private static List<String> expectContinue(int port, String framing, byte[] body)
      throws IOException {
    List<String> seen = new ArrayList<>();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(20_000);
      String head =
          String.join(
              "\r\n",
              "POST /push HTTP/1.1",
              "Host: gateway",
              "Expect: 100-continue",
              framing,
              "",
              "");
      socket.getOutputStream().write(ascii(head));
      InputStream in = new BufferedInputStream(socket.getInputStream());
      HttpMessage message;
      do {
        message = Objects.requireNonNull(HttpMessage.read(in));
        seen.add(message.startLine());
        if (message.status() == 100) {
          socket.getOutputStream().write(body);
        }
      } while (message.status() == 100);
      seen.add(describe(message));
    }
    return seen;
  }

  private void checkContinue(App app, String framing, byte[] body) throws IOException {
    application(app);
    List<String> without = expectContinue(plainPort(), framing, body);
    List<String> with = expectContinue(mirroredPort(), framing, body);
    assertThat(with).isEqualTo(without);
    Conservation.awaitSettled(mirror());
  }

  @Test
  void continueIsSentForAStream() throws Exception {
    checkContinue(
        (request, response) -> respond(response, request.getInputStream().readAllBytes()),
        "Content-Length: 3000",
        BODY);
    assertThat(assertCopied(BODY).headers("Expect")).isEmpty();
  }

  @Test
  void continueIsSentForAChunkedStream() throws Exception {
    checkContinue(
        (request, response) -> respond(response, request.getInputStream().readAllBytes()),
        "Transfer-Encoding: chunked",
        chunks(BODY, 100));
    assertCopied(BODY);
  }

  @Test
  void continueIsSentForAReader() throws Exception {
    checkContinue(
        (request, response) -> respond(response, "" + request.getReader().read()),
        "Content-Length: 3000",
        BODY);
    assertCopied(BODY);
  }

  @Test
  void continueIsSentOnlyForTheApplication() throws Exception {
    checkContinue(
        (request, response) -> {
          response.setHeader("Connection", "close");
          response.setStatus(413);
          respond(response, "no, thanks");
        },
        "Content-Length: 3000",
        BODY);
    assertNotCopied(Outcome.BODY_INCOMPLETE);
  }
}
