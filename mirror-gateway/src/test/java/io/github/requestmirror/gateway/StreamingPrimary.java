package io.github.requestmirror.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.zip.CRC32;

/** A primary that stores no bodies; it responds with the length and checksum of each. */
final class StreamingPrimary implements AutoCloseable {
  private final ServerSocket server;

  StreamingPrimary() throws IOException {
    server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    daemon(this::accept);
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getLocalPort());
  }

  /** Returns the response for a body. */
  static String summary(long length, CRC32 checksum) {
    return length + " " + checksum.getValue();
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "streaming-primary");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        daemon(() -> serve(socket));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private static void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
      for (String line = readLine(in); !line.isEmpty(); ) {
        long length = 0;
        for (; !line.isEmpty(); line = readLine(in)) {
          if (line.startsWith("Content-Length: ")) {
            length = Long.parseLong(line.substring(16));
          } else if (line.startsWith("Transfer-Encoding: ")) {
            length = -1;
          }
        }
        CRC32 checksum = new CRC32();
        String summary =
            summary(length < 0 ? chunks(in, checksum) : read(in, length, checksum), checksum);
        socket
            .getOutputStream()
            .write(
                ("HTTP/1.1 200 OK\r\nContent-Length: " + summary.length() + "\r\n\r\n" + summary)
                    .getBytes(ISO_8859_1));
        line = readLine(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long chunks(InputStream in, CRC32 checksum) throws IOException {
    long total = 0;
    for (long size = -1; size != 0; total += size) {
      size = Long.parseLong(readLine(in), 16);
      read(in, size, checksum);
      readLine(in);
    }
    return total;
  }

  private static long read(InputStream in, long length, CRC32 checksum) throws IOException {
    byte[] buffer = new byte[1 << 16];
    for (long left = length; left > 0; ) {
      int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (n < 0) {
        throw new IOException("the body is truncated, " + left + " bytes are missing");
      }
      checksum.update(buffer, 0, n);
      left -= n;
    }
    return length;
  }

  private static String readLine(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
