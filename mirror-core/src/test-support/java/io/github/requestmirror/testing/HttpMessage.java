package io.github.requestmirror.testing;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An HTTP/1.1 message, with its head byte for byte. */
public final class HttpMessage {
  private final byte[] head;
  private final byte[] body;

  private HttpMessage(byte[] head, byte[] body) {
    this.head = head;
    this.body = body;
  }

  /** Returns the start line and header lines as sent, including the blank line. */
  public byte[] head() {
    return head;
  }

  /** Returns the body without chunk framing. */
  public byte[] body() {
    return body;
  }

  /** Reads the next message, or returns null at the end of the stream. */
  public static @Nullable HttpMessage read(InputStream in) throws IOException {
    return read(in, false);
  }

  /** Reads a final response. A response to HEAD has no body, whatever its headers are. */
  public static HttpMessage readResponse(InputStream in, boolean toHead) throws IOException {
    HttpMessage message;
    do {
      message = read(in, toHead);
      if (message == null) {
        throw new EOFException("connection closed without a response");
      }
    } while (message.startLine().startsWith("HTTP/1.1 100"));
    return message;
  }

  private static @Nullable HttpMessage read(InputStream in, boolean headOnly) throws IOException {
    byte[] head = readHead(in);
    if (head == null) {
      return null;
    }
    HttpMessage message = new HttpMessage(head, new byte[0]);
    if (headOnly) {
      return message;
    }
    return new HttpMessage(head, message.readBody(in));
  }

  private static byte @Nullable [] readHead(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int last = 0;
    for (int b = in.read(); b >= 0; b = in.read()) {
      head.write(b);
      last = last << 8 | b;
      if (last == 0x0d0a0d0a) {
        return head.toByteArray();
      }
    }
    if (head.size() > 0) {
      throw new EOFException("message ends within its head: " + head.size() + " bytes");
    }
    return null;
  }

  private byte[] readBody(InputStream in) throws IOException {
    if ("chunked".equalsIgnoreCase(header("Transfer-Encoding"))) {
      return readChunks(in);
    }
    String length = header("Content-Length");
    boolean response = startLine().startsWith("HTTP/");
    if (length == null) {
      boolean bodyless = !response || status() == 204 || status() == 304 || status() < 200;
      return bodyless ? new byte[0] : in.readAllBytes();
    }
    byte[] body = in.readNBytes(Integer.parseInt(length));
    if (body.length < Integer.parseInt(length)) {
      throw new EOFException("body ends after " + body.length + " of " + length + " bytes");
    }
    return body;
  }

  private static byte[] readChunks(InputStream in) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      int size = Integer.parseInt(readLine(in).split(";", -1)[0].trim(), 16);
      if (size == 0) {
        while (!readLine(in).isEmpty()) {
          // Skips the trailers.
        }
        return body.toByteArray();
      }
      byte[] chunk = in.readNBytes(size);
      if (chunk.length < size) {
        throw new EOFException("chunk is cut");
      }
      body.writeBytes(chunk);
      readLine(in);
    }
  }

  private static String readLine(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("line is cut");
      }
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }

  /** Returns the head as text, one character for each byte. */
  public String headText() {
    return new String(head, StandardCharsets.ISO_8859_1);
  }

  public String startLine() {
    return headText().substring(0, headText().indexOf("\r\n"));
  }

  public String method() {
    return startLine().split(" ", -1)[0];
  }

  /** Returns the path and query as sent. */
  public String requestTarget() {
    return startLine().split(" ", -1)[1];
  }

  public int status() {
    return Integer.parseInt(startLine().split(" ", -1)[1]);
  }

  /** Returns the header lines in order, as sent. */
  public List<String> headerLines() {
    String[] lines = headText().split("\r\n", -1);
    return List.of(Arrays.copyOfRange(lines, 1, lines.length - 2));
  }

  /** Returns all values of a header. */
  public List<String> headers(String name) {
    List<String> values = new ArrayList<>();
    for (String line : headerLines()) {
      int colon = line.indexOf(':');
      if (line.substring(0, colon).equalsIgnoreCase(name)) {
        values.add(line.substring(colon + 1).trim());
      }
    }
    return values;
  }

  public @Nullable String header(String name) {
    List<String> values = headers(name);
    return values.isEmpty() ? null : values.get(0);
  }

  @Override
  public String toString() {
    return headText() + "(" + body.length + " bytes)";
  }
}
