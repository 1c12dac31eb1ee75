package io.github.requestmirror.internal.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hc.core5.http.HttpException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Responses in pieces of every size. {@link ResponseFuzzTest} reads damaged ones. */
class ResponseReaderTest {
  private static final int MAX_BODY = 100_000;

  private static final String CHUNKED =
      """
      HTTP/1.1 100 Continue\r
      \r
      HTTP/1.1 103 Early Hints\r
      Link: </x>\r
      \r
      HTTP/1.1 200 OK\r
      Transfer-Encoding: chunked\r
      \r
      5;a=b\r
      hello\r
      3\r
      you\r
      0\r
      Trailer: t\r
      \r
      """;

  private static ResponseReader read(byte[] response, int piece) throws IOException, HttpException {
    // Alternates between nothing and a piece, as a socket does; then the connection is closed.
    AtomicBoolean pause = new AtomicBoolean();
    CutTransport transport =
        new CutTransport(
            response, () -> pause.getAndSet(!pause.get()) ? 0 : piece, CutTransport.End.CLOSE);
    ResponseReader reader = new ResponseReader(transport, ByteBuffer.allocate(32 << 10));
    reader.start("POST", MAX_BODY);
    // Each call either consumes a piece or ends.
    for (int i = 0; i < 3 * response.length + 10; i++) {
      if (reader.read()) {
        return reader;
      }
    }
    throw new AssertionError("the reader neither completed nor failed");
  }

  private static byte[] bytes(String response) {
    return response.getBytes(StandardCharsets.ISO_8859_1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
        "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nbusy",
        CHUNKED,
        "HTTP/1.0 400 Bad\r\nX-Folded: a\r\n b\r\n\r\nout of order sample"
      })
  void readsResponseInPiecesOfEverySize(String response) throws Exception {
    byte[] bytes = bytes(response);
    ResponseReader whole = read(bytes, bytes.length);
    for (int piece = 1; piece < bytes.length; piece++) {
      ResponseReader inPieces = read(bytes, piece);
      assertThat(inPieces.status()).as("pieces of %s", piece).isEqualTo(whole.status());
      assertThat(inPieces.excerpt()).as("pieces of %s", piece).isEqualTo(whole.excerpt());
      assertThat(inPieces.retryAfter()).isEqualTo(whole.retryAfter());
      assertThat(inPieces.keepsAlive()).isEqualTo(whole.keepsAlive());
    }
  }

  /** More chunks than the input buffer holds, each of them shorter than its own frame. */
  @Test
  void readsManySmallChunks() throws Exception {
    byte[] response = bytes(CHUNKED.replace("3\r\nyou\r\n", "1\r\nx\r\n".repeat(5_000)));
    assertThat(read(response, response.length).keepsAlive()).isTrue();
    assertThat(read(response, 1000).keepsAlive()).isTrue();
  }

  @Test
  void failsOnMoreThanAHundredInterimResponses() throws Exception {
    String interim = "HTTP/1.1 103 Hints\r\n\r\n";
    String last = "HTTP/1.1 204 OK\r\n\r\n";
    assertThat(read(bytes(interim.repeat(100) + last), 50).status()).isEqualTo(204);
    assertThatThrownBy(() -> read(bytes(interim.repeat(101) + last), 50))
        .isInstanceOf(HttpException.class);
  }

  @Test
  void failsOnSwitchOfTheProtocol() {
    assertThatThrownBy(() -> read(bytes("HTTP/1.1 101 Switch\r\nUpgrade: x\r\n\r\n"), 10))
        .isInstanceOf(HttpException.class);
  }

  @Test
  void doesNotKeepConnectionWithBytesAfterTheResponse() throws Exception {
    byte[] response = bytes("HTTP/1.1 204 OK\r\n\r\nHTTP/1.1 200 OK\r\n");
    assertThat(read(response, response.length).keepsAlive()).isFalse();
  }

  /** So that the outcome does not depend on the sizes of the reads. */
  @Test
  void receivesAtMostOneByteMoreThanTheLimit() {
    CutTransport endless =
        new CutTransport(
            bytes("HTTP/1.1 103 Hints\r\n" + "X: y\r\n".repeat(900) + "Y: " + "y".repeat(100_000)),
            () -> Integer.MAX_VALUE,
            CutTransport.End.STALL);
    ResponseReader reader = new ResponseReader(endless, ByteBuffer.allocate(32 << 10));
    reader.start("POST", MAX_BODY);
    assertThatThrownBy(reader::read).hasMessageContaining("65536 bytes in total");
    assertThat(endless.received()).isEqualTo(ResponseReader.OVERHEAD_BYTES + 1);
  }

  /** Otherwise the socket stays ready, and the sender's thread busy until the call timeout. */
  @ParameterizedTest
  @ValueSource(strings = {"-7fffffffffffffff", "-7fffffff00000000", "-100000000", "-1", "-5"})
  void failsOnChunkWithNegativeLength(String length) {
    byte[] response =
        bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + length + "\r\nhello\r\n");
    CutTransport transport =
        new CutTransport(response, () -> Integer.MAX_VALUE, CutTransport.End.STALL);
    ResponseReader reader = new ResponseReader(transport, ByteBuffer.allocate(32 << 10));
    reader.start("POST", MAX_BODY);
    assertThatThrownBy(reader::read).isInstanceOfAny(IOException.class, HttpException.class);
  }

  @Test
  void keepsTextBeforeAnInvalidChunk() {
    byte[] response =
        bytes("HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nstale\r\nx\r\n");
    CutTransport transport =
        new CutTransport(response, () -> Integer.MAX_VALUE, CutTransport.End.CLOSE);
    ResponseReader reader = new ResponseReader(transport, ByteBuffer.allocate(32 << 10));
    reader.start("POST", MAX_BODY);
    assertThatThrownBy(reader::read).isInstanceOf(IOException.class);
    assertThat(reader.excerpt()).isEqualTo("stale");
  }
}
