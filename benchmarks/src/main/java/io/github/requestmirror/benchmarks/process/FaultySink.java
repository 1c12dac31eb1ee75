package io.github.requestmirror.benchmarks.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/**
 * A cluster that may misbehave. {@code prompt} responds at once, {@code slow} after 500 ms, {@code
 * hung} reads and never responds, {@code never-reading} accepts connections only. For each line of
 * its input it prints the number of connections and of requests; it ends with its input.
 */
public final class FaultySink {
  private static final long DELAY = TimeUnit.MILLISECONDS.toNanos(500);
  private static final byte[] RESPONSE =
      "HTTP/1.1 204 No Content\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /** A response that is due. */
  private record Due(SocketChannel socket, long at) {}

  private final Selector selector = Selector.open();
  private final ByteBuffer input = ByteBuffer.allocateDirect(256 << 10);
  private final ArrayDeque<Due> due = new ArrayDeque<>();
  private final String mode;

  // Written by one thread.
  private volatile long accepted;
  private volatile long requests;

  private FaultySink(String mode) throws IOException {
    this.mode = mode;
  }

  /** Starts a sink in a process of its own, on a free port. */
  public static ServerProcess start(String mode, Path log) throws IOException {
    ProcessBuilder command =
        new JavaCommand().heap("64m").run(FaultySink.class.getName(), mode, "0");
    return ServerProcess.startJvm(mode, command, log);
  }

  /**
   * Runs until the standard input ends.
   *
   * @param args the mode, and the port or 0
   */
  public static void main(String[] args) throws Exception {
    FaultySink sink = new FaultySink(args[0]);
    Thread questions = new Thread(sink::reply, "questions");
    questions.setDaemon(true);
    sink.serve(Integer.parseInt(args[1]), questions);
  }

  private void reply() {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    try {
      while (lines.readLine() != null) {
        System.out.println(accepted + " " + requests);
      }
    } catch (IOException e) {
      // The same as the end.
    }
    System.exit(0);
  }

  private void serve(int port, Thread questions) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1024);
    server.configureBlocking(false);
    server.register(selector, SelectionKey.OP_ACCEPT);
    System.out.println("port " + server.socket().getLocalPort());
    questions.start();
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
        accepted = accepted + 1;
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
    if (!((RequestEnd) key.attachment()).accept(input)) {
      return;
    }
    requests = requests + 1;
    if (mode.equals("prompt")) {
      respond(socket);
    } else if (mode.equals("slow")) {
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
