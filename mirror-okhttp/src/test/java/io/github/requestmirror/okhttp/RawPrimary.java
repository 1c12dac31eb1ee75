package io.github.requestmirror.okhttp;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import okhttp3.HttpUrl;

/** A primary that responds when it has seen the head of a request. */
final class RawPrimary implements AutoCloseable {
  /** What to do when the head of a request has been read. */
  private interface Response {
    void give(InputStream in, OutputStream out, Socket connection) throws IOException;
  }

  private final ServerSocket server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
  private final Response response;

  private RawPrimary(Response response) throws IOException {
    this.response = response;
    Thread thread = new Thread(this::serve, "raw-primary");
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Responses at once, takes a bit of the body so that the client sees the response, and breaks.
   */
  static RawPrimary responding(String text) throws IOException {
    return new RawPrimary(
        (in, out, connection) -> {
          out.write(text.getBytes(StandardCharsets.US_ASCII));
          out.flush();
          connection.shutdownOutput();
          in.readNBytes(100_000);
          // What the client writes from now on is reset; its response has long been received.
          connection.shutdownInput();
          connection.setSoLinger(true, 0);
        });
  }

  /** Asks for the body, reads it, and responds with 200. */
  static RawPrimary continuing(int length) throws IOException {
    return new RawPrimary(
        (in, out, connection) -> {
          out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
          out.flush();
          in.readNBytes(length);
          out.write(
              "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
          out.flush();
        });
  }

  HttpUrl url() {
    return HttpUrl.get("http://127.0.0.1:" + server.getLocalPort() + "/api/v1/push");
  }

  private void serve() {
    while (!server.isClosed()) {
      try (Socket connection = server.accept()) {
        InputStream in = new BufferedInputStream(connection.getInputStream());
        int last = 0;
        for (int b = in.read(); b >= 0 && last != 0x0d0a0d0a; b = in.read()) {
          last = last << 8 | b;
          if (last == 0x0d0a0d0a) {
            break;
          }
        }
        response.give(in, connection.getOutputStream(), connection);
      } catch (IOException e) {
        // The client went away, or the test is over.
      }
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
