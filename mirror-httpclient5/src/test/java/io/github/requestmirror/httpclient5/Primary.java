package io.github.requestmirror.httpclient5;

import io.github.requestmirror.testing.HttpMessage;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A primary that plays a script: one step for each request that comes, the last one for all
 * further. {@code GET /after} is none of them, and is always served.
 */
final class Primary implements AutoCloseable {
  /** What to do with a request whose head has come. Throwing resets the connection. */
  interface Step {
    void play(Exchange exchange) throws Exception;
  }

  private final ServerSocket server;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final List<HttpMessage> requests = new CopyOnWriteArrayList<>();
  private final AtomicInteger accepted = new AtomicInteger();
  private final AtomicInteger played = new AtomicInteger();
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile List<Step> script;

  Primary(Step... script) {
    this.script = List.of(script);
    try {
      server = new ServerSocket(0, 512, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    daemon(this::accept);
  }

  /** Begins anew, on the same port. */
  void restart(List<Step> newScript) {
    script = newScript;
    requests.clear();
    accepted.set(0);
    played.set(0);
  }

  /** Reads the body, then sends this response. */
  static Step responses(String... headLines) {
    return exchange -> {
      exchange.readBody();
      exchange.send(headLines);
    };
  }

  /** Reads the body and resets the connection. */
  static Step resets() {
    return exchange -> {
      exchange.readBody();
      throw new IOException("reset on purpose");
    };
  }

  /** Reads so much of the body and resets the connection. */
  static Step resetsAfter(int bytes) {
    return exchange -> {
      exchange.in().readNBytes(bytes);
      throw new IOException("reset on purpose");
    };
  }

  /** Reads the body and never responds. */
  Step hangs() {
    return exchange -> {
      exchange.readBody();
      closed.await();
    };
  }

  /** Responses at once, reads what comes until it stops, and closes. */
  static Step responsesEarly(String... headLines) {
    return exchange -> {
      exchange.send(headLines);
      exchange.socket.shutdownOutput();
      exchange.in().transferTo(OutputStream.nullOutputStream());
    };
  }

  /** What a step has to play with. */
  final class Exchange {
    private final Socket socket;
    private final InputStream in;
    private final byte[] head;
    private boolean over;

    private Exchange(Socket socket, InputStream in, byte[] head) {
      this.socket = socket;
      this.in = in;
      this.head = head;
    }

    InputStream in() {
      return in;
    }

    OutputStream out() throws IOException {
      return socket.getOutputStream();
    }

    String head() {
      return new String(head, StandardCharsets.ISO_8859_1);
    }

    HttpMessage readBody() throws IOException {
      HttpMessage request =
          HttpMessage.read(new SequenceInputStream(new ByteArrayInputStream(head), in));
      if (request == null) {
        throw new IllegalStateException("there was a head");
      }
      requests.add(request);
      return request;
    }

    /** Sends lines with their ends, and the blank line. */
    void send(String... lines) throws IOException {
      out().write((String.join("\r\n", lines) + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
      out().flush();
    }

    /** No further request comes on this connection. */
    void close() {
      over = true;
    }
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        accepted.incrementAndGet();
        connections.add(socket);
        daemon(() -> serve(socket));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void serve(Socket socket) {
    try {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      for (byte[] head = readHead(in); head.length > 0; head = readHead(in)) {
        List<Step> steps = script;
        Exchange exchange = new Exchange(socket, in, head);
        if (exchange.head().startsWith("GET /after ")) {
          responses("HTTP/1.1 204 No Content").play(exchange);
          continue;
        }
        steps.get(Math.min(played.getAndIncrement(), steps.size() - 1)).play(exchange);
        if (exchange.over) {
          break;
        }
      }
      socket.close();
    } catch (Exception e) {
      try {
        socket.setSoLinger(true, 0);
        socket.close();
      } catch (IOException ignored) {
        // Gone already.
      }
    } finally {
      connections.remove(socket);
    }
  }

  private static byte[] readHead(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int last = 0;
    for (int b = in.read(); b >= 0; b = in.read()) {
      head.write(b);
      last = last << 8 | b;
      if (last == 0x0d0a0d0a) {
        return head.toByteArray();
      }
    }
    return new byte[0];
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "primary");
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return server.getLocalPort();
  }

  String uri(String path) {
    return "http://127.0.0.1:" + port() + path;
  }

  /** Returns the requests whose bodies were read, in the order of their ends. */
  List<HttpMessage> requests() {
    return requests;
  }

  int connectionsAccepted() {
    return accepted.get();
  }

  int requestsBegun() {
    return played.get();
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      server.close();
      for (Socket socket : connections) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
