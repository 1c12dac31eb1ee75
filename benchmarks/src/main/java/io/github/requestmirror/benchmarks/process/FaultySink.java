package io.github.requestmirror.benchmarks.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/**
 * A cluster that misbehaves. {@code hung} reads and never responds, {@code slow} responds to what
 * it reads after 500 ms, {@code never-reading} accepts connections only. Ends with its input.
 */
final class FaultySink {
  private static final long DELAY = TimeUnit.MILLISECONDS.toNanos(500);
  private static final byte[] RESPONSE =
      "HTTP/1.1 204 No Content\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /** A response that is due. */
  private record Due(SocketChannel socket, long at) {}

  private final Selector selector = Selector.open();
  private final ByteBuffer input = ByteBuffer.allocateDirect(256 << 10);
  private final ArrayDeque<Due> due = new ArrayDeque<>();
  private final String mode;

  private FaultySink(String mode) throws IOException {
    this.mode = mode;
  }

  /**
   * Runs until the standard input ends.
   *
   * @param args the mode and the port
   */
  public static void main(String[] args) throws Exception {
    Thread end =
        new Thread(
            () -> {
              try {
                System.in.transferTo(java.io.OutputStream.nullOutputStream());
              } catch (IOException e) {
                // The same as the end.
              }
              System.exit(0);
            });
    end.start();
    new FaultySink(args[0]).serve(Integer.parseInt(args[1]));
  }

  private void serve(int port) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1024);
    server.configureBlocking(false);
    server.register(selector, SelectionKey.OP_ACCEPT);
    System.out.println("port " + port);
    while (true) {
      long wait = due.isEmpty() ? 1000 : (due.peek().at() - System.nanoTime()) / 1_000_000;
      selector.select(this::onReady, Math.max(1, wait));
      while (!due.isEmpty() && due.peek().at() <= System.nanoTime()) {
        respond(due.poll().socket());
      }
    }
  }

  private void onReady(SelectionKey key) {
    try {
      if (key.channel() instanceof ServerSocketChannel server) {
        SocketChannel socket = server.accept();
        socket.configureBlocking(false);
        if (!mode.equals("never-reading")) {
          socket.register(selector, SelectionKey.OP_READ, new RequestEnd());
        }
      } else {
        read(key, (SocketChannel) key.channel());
      }
    } catch (IOException e) {
      close(key);
    }
  }

  private void read(SelectionKey key, SocketChannel socket) throws IOException {
    input.clear();
    if (socket.read(input) < 0) {
      close(key);
      return;
    }
    input.flip();
    if (mode.equals("slow") && ((RequestEnd) key.attachment()).accept(input)) {
      due.add(new Due(socket, System.nanoTime() + DELAY));
    }
  }

  private static void respond(SocketChannel socket) {
    try {
      socket.write(ByteBuffer.wrap(RESPONSE));
    } catch (IOException e) {
      // The gateway has closed it.
    }
  }

  private static void close(SelectionKey key) {
    try {
      key.channel().close();
    } catch (IOException e) {
      // It is closed in any case.
    }
  }
}
