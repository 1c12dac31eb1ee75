package io.github.requestmirror.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * A primary that the test controls: it reads exactly the bytes that the test expects next and
 * ignores the framing headers. Surplus bytes of a request are read as the start of the next one.
 */
final class RecordedPrimary implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 10_000;

  private final ServerSocket listener;
  private @Nullable Socket connection;
  private @Nullable InputStream in;

  RecordedPrimary() throws IOException {
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    listener.setSoTimeout(PATIENCE_MILLIS);
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  /** Closes the connection; the next read accepts another one. */
  void closeConnection() throws IOException {
    Socket open = connection;
    if (open != null) {
      open.close();
    }
    connection = null;
    in = null;
  }

  private void accept() throws IOException {
    Socket accepted = listener.accept();
    accepted.setTcpNoDelay(true);
    accepted.setSoTimeout(PATIENCE_MILLIS);
    connection = accepted;
    in = new BufferedInputStream(accepted.getInputStream());
  }

  private InputStream in() throws IOException {
    if (connection == null) {
      accept();
    }
    InputStream open = in;
    if (open == null) {
      throw new IllegalStateException("no connection");
    }
    return open;
  }

  /** Reads a head up to and including its blank line. */
  String readHead() throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append(next(head));
    }
    return head.toString();
  }

  String readBytes(int count) throws IOException {
    return new String(in().readNBytes(count), ISO_8859_1);
  }

  /** Reads a chunked body that has no extensions and no trailers; returns its content. */
  String readChunks() throws IOException {
    StringBuilder body = new StringBuilder();
    while (true) {
      String line = readLine();
      assertThat(line).as("size of a chunk after '%s'", body).matches("[0-9A-Fa-f]{1,7}");
      int size = Integer.parseInt(line, 16);
      body.append(readBytes(size));
      assertThat(readLine()).as("line end after the chunk").isEmpty();
      if (size == 0) {
        return body.toString();
      }
    }
  }

  private String readLine() throws IOException {
    StringBuilder line = new StringBuilder();
    while (line.indexOf("\r\n") < 0) {
      line.append(next(line));
    }
    return line.substring(0, line.length() - 2);
  }

  private char next(StringBuilder before) throws IOException {
    int b;
    try {
      b = in().read();
    } catch (SocketTimeoutException e) {
      throw new AssertionError("no byte arrives after '" + before + "'", e);
    }
    assertThat(b).as("the connection ends after '%s'", before).isNotNegative();
    return (char) b;
  }

  /** Reads until the gateway closes the connection. */
  String readToEnd() throws IOException {
    return new String(in().readAllBytes(), ISO_8859_1);
  }

  void respond() throws IOException {
    respond("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  }

  /** Sends the bytes of a response. */
  void respond(String raw) throws IOException {
    Socket open = connection;
    if (open == null) {
      throw new IllegalStateException("no connection");
    }
    open.getOutputStream().write(raw.getBytes(ISO_8859_1));
  }

  /** Asserts that the test has read every byte that the gateway, now closed, has sent. */
  void assertNothingMore() throws IOException {
    if (connection != null) {
      assertThat(readToEnd()).as("bytes after the last request").isEmpty();
    }
    closeConnection();
    listener.setSoTimeout(1);
    try {
      accept();
    } catch (SocketTimeoutException e) {
      return;
    }
    throw new AssertionError("unexpected connection with '" + readToEnd() + "'");
  }

  @Override
  public void close() throws IOException {
    closeConnection();
    listener.close();
  }
}
