package io.github.requestmirror.internal.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.apache.hc.core5.http.message.LazyLaxLineParser;
import org.apache.hc.core5.http.message.LineParser;
import org.apache.hc.core5.http.message.StatusLine;
import org.apache.hc.core5.util.CharArrayBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HttpCore's own parser says what is right. */
class StatusLineParserTest {
  private static String parse(LineParser parser, String line) {
    CharArrayBuffer buffer = new CharArrayBuffer(64);
    buffer.append(line);
    try {
      StatusLine status = parser.parseStatusLine(buffer);
      return status.getProtocolVersion() + " " + status.getStatusCode();
    } catch (Exception e) {
      return e.getClass().getName();
    }
  }

  private static void assertSame(String line) {
    assertThat(parse(new StatusLineParser(), line))
        .as("line '%s'", line)
        .isEqualTo(parse(LazyLaxLineParser.INSTANCE, line));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 204 No Content",
        "HTTP/1.1 204 ",
        "HTTP/1.1 204",
        "HTTP/1.1 2040",
        "HTTP/1.1 204\tNo",
        "HTTP/1.1 204x",
        "HTTP/1.1  204 No Content",
        " HTTP/1.1 204 No Content",
        "HTTP/1.1 20",
        "HTTP/1.1 20x",
        "HTTP/1.1 \u0662\u0660\u0664",
        "HTTP/1.1 000 ",
        "HTTP/1.1 099 ",
        "HTTP/1.1 999 ",
        "HTTP/1.0 200 OK",
        "HTTP/1.10 200 OK",
        "HTTP/2.0 200 OK",
        "http/1.1 200 OK",
        "HTTP/1.1",
        "HTTP",
        ""
      })
  void parsesAsHttpCoreDoes(String line) {
    assertSame(line);
  }

  @Test
  void parsesDamagedLinesAsHttpCoreDoes() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      StringBuilder line = new StringBuilder("HTTP/1.1 " + random.nextInt(1100) + " reason");
      for (int damage = random.nextInt(3); damage > 0; damage--) {
        int at = random.nextInt(line.length());
        switch (random.nextInt(3)) {
          case 0 -> line.setCharAt(at, (char) random.nextInt(0x100));
          case 1 -> line.deleteCharAt(at);
          default -> line.insert(at, (char) (' ' + random.nextInt(32)));
        }
      }
      assertThat(parse(new StatusLineParser(), line.toString()))
          .as("line '%s', seed %d", line, seed)
          .isEqualTo(parse(LazyLaxLineParser.INSTANCE, line.toString()));
    }
  }
}
