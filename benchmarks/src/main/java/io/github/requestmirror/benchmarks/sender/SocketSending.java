package io.github.requestmirror.benchmarks.sender;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What sending costs at least in Java: one thread and one selector, requests that were made before
 * in direct memory, and responses of a known length that nothing parses.
 */
final class SocketSending implements Sending {
  /** As many as the mirror has copies in flight. */
  private static final int CONNECTIONS = 64;

  private static final byte[] END = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final Selector selector = Selector.open();
  private final ByteBuffer responses = ByteBuffer.allocateDirect(32 << 10);
  private final List<Connection> idle = new ArrayList<>();
  private int responded;

  private static final class Connection {
    private final SocketChannel socket;
    private final ByteBuffer request;
    private final SelectionKey key;
    private int matched;

    Connection(SocketChannel socket, ByteBuffer request, SelectionKey key) {
      this.socket = socket;
      this.request = request;
      this.key = key;
    }
  }

  SocketSending(int port, byte[] body) throws IOException {
    String head =
        """
        POST /api/v1/push HTTP/1.1\r
        Host: 127.0.0.1:%d\r
        User-Agent: Prometheus/3.5.0\r
        Content-Length: %d\r
        Content-Encoding: snappy\r
        Content-Type: application/x-protobuf\r
        X-Prometheus-Remote-Write-Version: 0.1.0\r
        X-Scope-OrgID: tenant\r
        X-Request-Mirror: 1\r
        \r
        """
            .formatted(port, body.length);
    byte[] headBytes = head.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer request = ByteBuffer.allocateDirect(headBytes.length + body.length);
    request.put(headBytes).put(body).flip();
    for (int i = 0; i < CONNECTIONS; i++) {
      SocketChannel socket =
          SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      socket.configureBlocking(false);
      socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
      SelectionKey key = socket.register(selector, SelectionKey.OP_READ);
      Connection connection = new Connection(socket, request.duplicate(), key);
      key.attach(connection);
      idle.add(connection);
    }
  }

  @Override
  public void send(int requests) throws IOException {
    responded = 0;
    int started = 0;
    while (responded < requests) {
      while (started < requests && !idle.isEmpty()) {
        Connection connection = idle.remove(idle.size() - 1);
        connection.request.rewind();
        started++;
        write(connection);
      }
      selector.select(this::onReady);
    }
  }

  private void write(Connection connection) throws IOException {
    connection.socket.write(connection.request);
    boolean done = !connection.request.hasRemaining();
    int interest = done ? SelectionKey.OP_READ : SelectionKey.OP_READ | SelectionKey.OP_WRITE;
    if (connection.key.interestOps() != interest) {
      connection.key.interestOps(interest);
    }
  }

  private void onReady(SelectionKey key) {
    Connection connection = (Connection) key.attachment();
    try {
      if (key.isWritable()) {
        write(connection);
      }
      if (key.isReadable()) {
        read(connection);
      }
    } catch (IOException e) {
      throw new IllegalStateException("the server closed a connection", e);
    }
  }

  /** Looks for the end of the head: responses with 204 have no body. */
  private void read(Connection connection) throws IOException {
    responses.clear();
    if (connection.socket.read(responses) < 0) {
      throw new IOException("end of stream");
    }
    for (int i = 0; i < responses.position(); i++) {
      byte next = responses.get(i);
      connection.matched = next == END[connection.matched] ? connection.matched + 1 : 0;
      if (connection.matched == END.length) {
        connection.matched = 0;
        responded++;
        idle.add(connection);
      }
    }
  }

  @Override
  public void close() throws IOException {
    for (SelectionKey key : selector.keys()) {
      key.channel().close();
    }
    selector.close();
  }
}
