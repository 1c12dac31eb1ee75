package io.github.requestmirror.internal.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.apache.hc.core5.http.HttpException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Responses in pieces of every size, and damaged ones. */
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

  /** The bytes of a target, received in pieces. */
  private static final class Pieces implements Transport {
    private final byte[] bytes;
    private final int piece;
    private boolean paused;
    private int position;

    Pieces(byte[] bytes, int piece) {
      this.bytes = bytes;
      this.piece = piece;
    }

    /** Alternates between a piece and nothing, as a socket does; then the connection is closed. */
    @Override
    public int read(ByteBuffer into) {
      paused = !paused;
      if (!paused) {
        return 0;
      }
      int count = Math.min(Math.min(piece, into.remaining()), bytes.length - position);
      if (count == 0) {
        return -1;
      }
      into.put(bytes, position, count);
      position += count;
      return count;
    }

    @Override
    public long received() {
      return position;
    }

    @Override
    public boolean handshake() {
      return true;
    }

    @Override
    public boolean isTaskRunning() {
      return false;
    }

    @Override
    public void taskEnded() {}

    @Override
    public boolean write(ByteBuffer output) {
      throw new AssertionError("a reader does not write");
    }

    @Override
    public boolean hasPendingOutput() {
      return false;
    }

    @Override
    public void close() {}
  }

  private static ResponseReader read(byte[] response, int piece) throws IOException, HttpException {
    ResponseReader reader =
        new ResponseReader(new Pieces(response, piece), ByteBuffer.allocate(32 << 10));
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

  /** A damaged response completes or fails; it neither hangs nor fails in another way. */
  @Test
  void survivesDamagedResponses() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    String alphabet = "\r\n\0 :;-0123456789abcdefHTP/.,\u00ff";
    int completed = 0;
    for (int run = 0; run < 50_000; run++) {
      StringBuilder damaged = new StringBuilder(CHUNKED);
      for (int i = random.nextInt(1, 5); i > 0; i--) {
        int at = random.nextInt(damaged.length());
        char c = alphabet.charAt(random.nextInt(alphabet.length()));
        switch (random.nextInt(4)) {
          case 0 -> damaged.setCharAt(at, c);
          case 1 -> damaged.insert(at, c);
          case 2 -> damaged.deleteCharAt(at);
          default -> damaged.insert(at, damaged.substring(at));
        }
        if (damaged.length() > 2_000 || damaged.length() < 2) {
          break;
        }
      }
      try {
        read(bytes(damaged.toString()), random.nextInt(1, 200));
        completed++;
      } catch (IOException | HttpException e) {
        // As it should.
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + seed + ", run " + run + ": " + damaged, e);
      }
    }
    assertThat(completed).as("completed with seed %s", seed).isBetween(100, 49_900);
  }
}
