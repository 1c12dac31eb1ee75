package io.github.requestmirror.testing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** One connection that sends requests byte for byte as given. */
public final class RawClient implements AutoCloseable {
  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  public RawClient(int port) throws IOException {
    this.socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(30_000);
    this.in = new BufferedInputStream(socket.getInputStream());
    this.out = socket.getOutputStream();
  }

  /** Sends a head, given as lines without line breaks, and a body; returns the response. */
  public HttpMessage exchange(byte[] body, String... headLines) throws IOException {
    send(body, headLines);
    return receive(headLines[0].startsWith("HEAD "));
  }

  public HttpMessage exchange(HttpMessage request) throws IOException {
    send(request.head(), request.body());
    return receive(false);
  }

  public void send(byte[] body, String... headLines) throws IOException {
    send((String.join("\r\n", headLines) + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1), body);
  }

  /**
   * Sends head and body in one write. Otherwise, if the server does not read the body, its handling
   * of the connection would depend on whether the body arrives before the end of the response.
   */
  private void send(byte[] head, byte[] body) throws IOException {
    byte[] both = Arrays.copyOf(head, head.length + body.length);
    System.arraycopy(body, 0, both, head.length, body.length);
    out.write(both);
    out.flush();
  }

  public OutputStream out() {
    return out;
  }

  public HttpMessage receive(boolean toHead) throws IOException {
    return HttpMessage.readResponse(in, toHead);
  }

  /** Resets the connection. */
  public void abort() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
