package io.github.requestmirror.gateways;

import io.github.requestmirror.testing.HttpMessage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;

/** A primary that sends 100 Continue to clients that expect it. */
final class ContinuePrimary implements AutoCloseable {
  private final ServerSocket server;

  ContinuePrimary() throws IOException {
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread thread = new Thread(this::serveAll, "continue-primary");
    thread.setDaemon(true);
    thread.start();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getLocalPort());
  }

  private void serveAll() {
    while (!server.isClosed()) {
      try (Socket connection = server.accept()) {
        serve(connection.getInputStream(), connection.getOutputStream());
      } catch (IOException e) {
        // The gateway gave up, or the test is over.
      }
    }
  }

  private static void serve(InputStream in, OutputStream out) throws IOException {
    byte[] head = readHead(in);
    String text = new String(head, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
    if (text.contains("\r\nexpect: 100-continue\r\n")) {
      write(out, "HTTP/1.1 100 Continue\r\n\r\n");
    }
    HttpMessage request =
        Objects.requireNonNull(
            HttpMessage.read(new SequenceInputStream(new ByteArrayInputStream(head), in)));
    String response = "got " + request.body().length;
    write(
        out,
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: "
            + response.length()
            + "\r\n\r\n"
            + response);
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  /** Reads byte by byte, so that it does not read more than the head. */
  static byte[] readHead(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int last = 0;
    while (last != 0x0d0a0d0a) {
      int b = in.read();
      if (b < 0) {
        throw new IOException("connection closed within a head: " + head);
      }
      head.write(b);
      last = last << 8 | b;
    }
    return head.toByteArray();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
