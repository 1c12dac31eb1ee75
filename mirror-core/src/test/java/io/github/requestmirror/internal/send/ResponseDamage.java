package io.github.requestmirror.internal.send;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Damages responses at random. */
final class ResponseDamage {
  /** Responses that grow beyond it are not damaged any further. */
  private static final int MAX_BYTES = 200_000;

  private static final byte[] ALPHABET = bytes("\r\n\0\t :;,-+0123456789abcdefxHTP/.\"\u00ff");

  private static final List<String> LINE_ENDS =
      List.of("", "\n", "\r", "\r\r\n", "\n\r", "\r\n\r\n", "\r\n ", "\r\n\t", " \r\n", "\0\r\n");

  private static final List<String> NUMBERS =
      List.of(
          "",
          "0",
          "00",
          "1",
          "-1",
          "+5",
          "5,5",
          "5, 6",
          "0x10",
          "256",
          "4095",
          "4096",
          "4097",
          "7fffffff",
          "80000000",
          "ffffffff",
          "2147483647",
          "2147483648",
          "7fffffffffffffff",
          "ffffffffffffffff",
          "9223372036854775807",
          "9223372036854775808",
          "18446744073709551616",
          "1e3");

  private static final List<String> FIELDS =
      List.of(
          "Content-Length: 5",
          "Content-Length: 0",
          "Content-Length: -1",
          "Content-Length:",
          "Transfer-Encoding: chunked",
          "Transfer-Encoding: gzip, chunked",
          "Transfer-Encoding: identity",
          "Transfer-Encoding",
          "Connection: close",
          "Connection: keep-alive",
          "Connection: ,,=\"",
          "Retry-After: 99999999999",
          "Retry-After: Sun Nov  6 08:49:37 1994",
          "Date: never",
          "Trailer: X",
          "Upgrade: h2c",
          ": no name",
          " folded",
          "no colon");

  private static final List<String> HEADS =
      List.of(
          "HTTP/1.1 100 Continue\r\n\r\n",
          "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n",
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
          "HTTP/1.1 204 No Content\r\n\r\n",
          "HTTP/2.0 200 OK\r\n\r\n",
          "HTTP/1.1 99999999999 X\r\n\r\n",
          "\r\n");

  private final Random random;
  private final List<byte[]> seeds;

  ResponseDamage(Random random, List<byte[]> seeds) {
    this.random = random;
    this.seeds = seeds;
  }

  private static byte[] bytes(String characters) {
    return characters.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Returns a seed with up to five damages. */
  byte[] next() {
    byte[] response = seed();
    for (int i = random.nextInt(6); i > 0 && response.length < MAX_BYTES; i--) {
      response = random.nextInt(25) == 0 ? enlarge(response) : damage(response);
    }
    return response;
  }

  private byte[] seed() {
    return seeds.get(random.nextInt(seeds.size()));
  }

  private byte[] damage(byte[] from) {
    if (from.length == 0) {
      return from;
    }
    int at = random.nextInt(from.length);
    return switch (random.nextInt(12)) {
      case 0 -> replace(from, at, at + 1, new byte[] {(byte) (from[at] ^ 1 << random.nextInt(8))});
      case 1 -> replace(from, at, at + 1, oneOf(ALPHABET));
      case 2 -> replace(from, at, at, oneOf(ALPHABET));
      case 3 -> replace(from, at, Math.min(from.length, at + random.nextInt(1, 20)), new byte[0]);
      case 4 -> Arrays.copyOf(from, at);
      case 5 -> duplicate(from, at);
      case 6 -> splice(from, at, seed());
      case 7, 8 -> changeNumber(from, at);
      case 9 -> changeLineEnd(from, at);
      case 10 -> insertField(from, at);
      default -> replace(from, 0, 0, bytes(oneOf(HEADS)));
    };
  }

  /** Makes one part of the response long. */
  private byte[] enlarge(byte[] from) {
    int line = nextLine(from, random.nextInt(from.length + 1));
    return switch (random.nextInt(4)) {
      case 0 -> {
        int at = random.nextInt(from.length + 1);
        yield replace(from, at, at, bytes("a".repeat(random.nextInt(80_000))));
      }
      case 1 -> replace(from, 0, 0, bytes(oneOf(HEADS.subList(0, 2)).repeat(random.nextInt(150))));
      case 2 -> replace(from, line, line, bytes("X: y\r\n".repeat(random.nextInt(1_200))));
      default -> replace(from, line, line, bytes("1\r\nx\r\n".repeat(random.nextInt(2_000))));
    };
  }

  private byte[] duplicate(byte[] from, int at) {
    int end = random.nextInt(at, from.length + 1);
    return replace(from, end, end, Arrays.copyOfRange(from, at, end));
  }

  private byte[] splice(byte[] from, int at, byte[] other) {
    return replace(
        from,
        at,
        from.length,
        Arrays.copyOfRange(other, random.nextInt(other.length), other.length));
  }

  /** Replaces the next number, decimal or hexadecimal, such as a status, a length or a chunk's. */
  private byte[] changeNumber(byte[] from, int at) {
    int start = at;
    while (start < from.length && Character.digit(from[start], 10) < 0) {
      start++;
    }
    int end = start;
    while (end < from.length && Character.digit(from[end], 16) >= 0) {
      end++;
    }
    return replace(from, start, end, bytes(oneOf(NUMBERS)));
  }

  private byte[] changeLineEnd(byte[] from, int at) {
    int end = nextLine(from, at);
    int start = end;
    while (start > 0 && (from[start - 1] == '\n' || from[start - 1] == '\r')) {
      start--;
    }
    return replace(from, start, end, bytes(oneOf(LINE_ENDS)));
  }

  private byte[] insertField(byte[] from, int at) {
    // Most often into the head, which is short.
    int line = nextLine(from, random.nextBoolean() ? 0 : at);
    return replace(from, line, line, bytes(oneOf(FIELDS) + "\r\n"));
  }

  /** Returns the index behind the next line feed. */
  private static int nextLine(byte[] from, int at) {
    int end = at;
    while (end < from.length && from[end] != '\n') {
      end++;
    }
    return Math.min(end + 1, from.length);
  }

  private byte[] oneOf(byte[] alphabet) {
    return new byte[] {alphabet[random.nextInt(alphabet.length)]};
  }

  private String oneOf(List<String> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  private static byte[] replace(byte[] from, int start, int end, byte[] by) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(from.length + by.length);
    out.write(from, 0, start);
    out.writeBytes(by);
    out.write(from, end, from.length - end);
    return out.toByteArray();
  }
}
