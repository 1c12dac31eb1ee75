package io.github.requestmirror.benchmarks.load;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A connection of a client, with at most one request at a time. */
final class ClientConnection {
  private static final int MAX_HEAD = 16 << 10;

  private final ByteBuffer request;
  private final ByteBuffer input = ByteBuffer.allocate(MAX_HEAD);
  private SocketChannel socket;
  private SelectionKey key;
  private long intended;
  private boolean busy;

  /** The rest of the response's body, or -1 while the head is read. */
  private long bodyLeft = -1;

  private int status;
  private boolean mustClose;

  ClientConnection(ByteBuffer request) {
    this.request = request;
  }

  /** Opens a new connection in place of the one that there may be. */
  void open(InetSocketAddress server, Selector selector) throws IOException {
    close();
    socket = SocketChannel.open(server);
    socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
    socket.configureBlocking(false);
    key = socket.register(selector, SelectionKey.OP_READ, this);
  }

  void close() throws IOException {
    if (socket != null) {
      socket.close();
    }
  }

  /** Returns when the request was to be sent. */
  long intended() {
    return intended;
  }

  boolean isBusy() {
    return busy;
  }

  /** Returns whether the server closes the connection after this response. */
  boolean mustClose() {
    return mustClose;
  }

  void begin(long intended) {
    this.intended = intended;
    busy = true;
    bodyLeft = -1;
    status = 0;
    mustClose = false;
    input.clear();
    request.rewind();
  }

  void end() {
    busy = false;
  }

  void write() throws IOException {
    socket.write(request);
    int more = request.hasRemaining() ? SelectionKey.OP_WRITE : 0;
    int interest = SelectionKey.OP_READ | more;
    if (key.interestOps() != interest) {
      key.interestOps(interest);
    }
  }

  /** Returns the status of the response if it is complete, otherwise 0. */
  int read() throws IOException {
    int count = socket.read(input);
    if (count < 0) {
      throw new EOFException();
    }
    if (bodyLeft < 0 && !readHead()) {
      if (!input.hasRemaining()) {
        throw new IOException("the head is too long");
      }
      return 0;
    }
    bodyLeft -= input.position();
    input.clear();
    return bodyLeft <= 0 && busy ? status : 0;
  }

  /** Leaves in the input what follows the head. */
  private boolean readHead() {
    byte[] bytes = input.array();
    int length = input.position();
    for (int i = 3; i < length; i++) {
      if (bytes[i] == '\n' && bytes[i - 2] == '\n') {
        parse(new String(bytes, 0, i, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT));
        input.flip().position(i + 1);
        input.compact();
        return true;
      }
    }
    return false;
  }

  private void parse(String head) {
    status = Integer.parseInt(head.substring(9, 12));
    mustClose = head.contains("\nconnection: close") || head.contains("\ntransfer-encoding:");
    int length = head.indexOf("\ncontent-length:");
    bodyLeft = 0;
    if (length >= 0 && !mustClose) {
      int end = head.indexOf('\r', length);
      bodyLeft = Long.parseLong(head.substring(length + 16, end).strip());
    }
  }
}
