package io.github.requestmirror.servlet.contract;

import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RawClient;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;

/** Request bodies, exchanges and responses. */
abstract class Messages {
  static final byte[] EMPTY = {};

  /** What a client does on its connection. */
  @FunctionalInterface
  interface Exchange {
    HttpMessage run(RawClient client) throws IOException;
  }

  static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  /** Responds with the length and checksum of a body. */
  static void respond(HttpServletResponse response, byte[] body) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(body);
    respond(response, body.length + " bytes, CRC " + crc.getValue());
  }

  static void respond(HttpServletResponse response, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    response.setContentType("text/plain");
    response.setContentLength(bytes.length);
    response.getOutputStream().write(bytes);
  }

  static Exchange get(String path) {
    return client -> client.exchange(EMPTY, "GET " + path + " HTTP/1.1", "Host: gateway");
  }

  /** A POST with its length declared. */
  static Exchange post(byte[] body, String... headers) {
    return atOnce(body, lines("POST /push HTTP/1.1", "Content-Length: " + body.length, headers));
  }

  /** A POST in chunks of this size. */
  static Exchange chunked(byte[] body, int chunkSize, String... headers) {
    return atOnce(
        chunks(body, chunkSize),
        lines("POST /push HTTP/1.1", "Transfer-Encoding: chunked", headers));
  }

  /** A request as it is given. */
  static Exchange atOnce(byte[] body, String... headLines) {
    return client -> client.exchange(body, headLines);
  }

  static String[] lines(String requestLine, String framing, String... headers) {
    String[] lines = new String[headers.length + 3];
    lines[0] = requestLine;
    lines[1] = "Host: gateway";
    lines[2] = framing;
    System.arraycopy(headers, 0, lines, 3, headers.length);
    return lines;
  }

  static byte[] chunks(byte[] body, int chunkSize) {
    ByteArrayOutputStream chunks = new ByteArrayOutputStream();
    for (int from = 0; from < body.length; from += chunkSize) {
      chunk(chunks, Arrays.copyOfRange(body, from, Math.min(body.length, from + chunkSize)));
    }
    chunks.writeBytes(ascii("0\r\n\r\n"));
    return chunks.toByteArray();
  }

  static void chunk(ByteArrayOutputStream out, byte[] bytes) {
    out.writeBytes(ascii(Integer.toHexString(bytes.length) + "\r\n"));
    out.writeBytes(bytes);
    out.writeBytes(ascii("\r\n"));
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
