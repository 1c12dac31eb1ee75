package io.github.requestmirror.internal.send;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** A connection without TLS. */
final class PlainTransport implements Transport {
  private final SocketChannel socket;
  private long received;

  PlainTransport(SocketChannel socket) {
    this.socket = socket;
  }

  @Override
  public boolean handshake() {
    return true;
  }

  @Override
  public boolean isTaskRunning() {
    return false;
  }

  @Override
  public void taskEnded() {}

  @Override
  public boolean write(ByteBuffer bytes) throws IOException {
    socket.write(bytes);
    return !bytes.hasRemaining();
  }

  @Override
  public boolean hasPendingOutput() {
    return false;
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    int count = socket.read(into);
    received += Math.max(0, count);
    return count;
  }

  @Override
  public long received() {
    return received;
  }

  @Override
  public void close() {}
}
