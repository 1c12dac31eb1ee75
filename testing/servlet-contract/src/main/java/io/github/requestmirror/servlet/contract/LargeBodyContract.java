package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Size limits, and bounded memory for large bodies. */
abstract class LargeBodyContract extends ServletContract {
  private static final byte[] BODY = bytes(50_000);

  LargeBodyContract(Container container) {
    super(container);
  }

  @Test
  void bodyLargerThanAllowedIsServedAndNotCopied() throws Exception {
    mirror(limits -> limits.maxBodyBytes(BODY.length - 1), policy -> policy);
    check(
        (request, response) -> respond(response, request.getInputStream().readAllBytes()),
        post(BODY));
    assertNotCopied(Outcome.BODY_TOO_LARGE);
  }

  @Test
  void chunkedBodyLargerThanAllowedIsServedAndNotCopied() throws Exception {
    mirror(limits -> limits.maxBodyBytes(BODY.length - 1), policy -> policy);
    check(
        (request, response) -> respond(response, request.getInputStream().readAllBytes()),
        chunked(BODY, 777));
    assertNotCopied(Outcome.BODY_TOO_LARGE);
  }

  @Test
  void bodyAsLargeAsAllowedIsCopied() throws Exception {
    mirror(limits -> limits.maxBodyBytes(BODY.length), policy -> policy);
    check(
        (request, response) -> respond(response, request.getInputStream().readAllBytes()),
        chunked(BODY, 777));
    assertCopied(BODY);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void hugeBodyIsServedInLittleMemory(boolean chunked) throws Exception {
    int pieces = 1600;
    byte[] piece = bytes(64 << 10);
    long budget = 4 << 20;
    mirror(limits -> limits.bufferBytes(budget).maxBodyBytes(2 << 20), policy -> policy);
    AtomicLong mostHeld = new AtomicLong();
    View view =
        check(
            (request, response) -> {
              InputStream in = request.getInputStream();
              byte[] buffer = new byte[16 << 10];
              CRC32 crc = new CRC32();
              long total = 0;
              int reads = 0;
              for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                crc.update(buffer, 0, read);
                total += read;
                if (reads++ % 16 == 0) {
                  mostHeld.accumulateAndGet(stats().bufferedBytes(), Math::max);
                }
              }
              respond(response, total + " bytes, CRC " + crc.getValue());
            },
            client -> {
              client.send(
                  EMPTY,
                  lines(
                      "POST /push HTTP/1.1",
                      chunked
                          ? "Transfer-Encoding: chunked"
                          : "Content-Length: " + (long) pieces * piece.length));
              OutputStream out = client.out();
              ByteArrayOutputStream framed = new ByteArrayOutputStream();
              chunk(framed, piece);
              for (int i = 0; i < pieces; i++) {
                out.write(chunked ? framed.toByteArray() : piece);
              }
              if (chunked) {
                out.write(ascii("0\r\n\r\n"));
              }
              out.flush();
              return client.receive(false);
            });
    assertThat(view.response()).contains("104857600 bytes");
    assertThat(mostHeld.get()).isLessThanOrEqualTo(budget);
    if (chunked) {
      assertThat(mostHeld.get()).as("something was captured").isPositive();
    }
    assertNotCopied(Outcome.BODY_TOO_LARGE);
  }

  @Test
  void largestBodyByDefaultIsCopied() throws Exception {
    byte[] body = bytes(16 << 20);
    check(
        (request, response) -> respond(response, request.getInputStream().readAllBytes()),
        chunked(body, 64 << 10));
    assertCopied(body);
  }
}
