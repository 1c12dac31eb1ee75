package io.github.requestmirror.client.contract;

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
 * A primary that plays a script: one step per request; the last step is repeated for all further
 * requests. {@code GET /after} is not part of the script and always succeeds.
 */
public final class ScriptedPrimary implements AutoCloseable {
  /** Handles a request whose head has been read. An exception resets the connection. */
  public interface Step {
    void play(Exchange exchange) throws Exception;
  }

  private final ServerSocket server;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final List<HttpMessage> requests = new CopyOnWriteArrayList<>();
  private final AtomicInteger accepted = new AtomicInteger();
  private final AtomicInteger played = new AtomicInteger();
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile List<Step> script;

  public ScriptedPrimary(Step... script) {
    this.script = List.of(script);
    try {
      server = new ServerSocket(0, 512, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    daemon(this::accept);
  }

  /** Starts another script on the same port. */
  public void restart(Step... newScript) {
    restart(List.of(newScript));
  }

  /** Starts another script on the same port. */
  public void restart(List<Step> newScript) {
    script = newScript;
    requests.clear();
    accepted.set(0);
    played.set(0);
  }

  /** Reads the body, then responds. */
  public static Step responds(String... headLines) {
    return exchange -> {
      exchange.readBody();
      exchange.send(headLines);
    };
  }

  /** Reads the body and resets the connection. */
  public static Step resets() {
    return exchange -> {
      exchange.readBody();
      throw new IOException("reset on purpose");
    };
  }

  /** Reads some bytes of the body and resets the connection. */
  public static Step resetsAfter(int bytes) {
    return exchange -> {
      exchange.in().readNBytes(bytes);
      throw new IOException("reset on purpose");
    };
  }

  /** Reads the body and does not respond. */
  public static Step hangs() {
    return exchange -> {
      exchange.readBody();
      exchange.awaitClose();
    };
  }

  /** Sends 100 Continue before the next step. */
  public static Step continues(Step next) {
    return exchange -> {
      exchange.send("HTTP/1.1 100 Continue");
      next.play(exchange);
    };
  }

  /** Responds before it reads the body, reads some bytes and resets the connection. */
  public static Step respondsThenResetsAfter(int bytes, String... headLines) {
    return exchange -> {
      exchange.send(headLines);
      exchange.socket.shutdownOutput();
      exchange.in().readNBytes(bytes);
      throw new IOException("reset on purpose");
    };
  }

  /** Responds before it reads the body, reads to the end, and closes the connection. */
  public static Step respondsEarly(String... headLines) {
    return exchange -> {
      exchange.send(headLines);
      exchange.socket.shutdownOutput();
      exchange.in().transferTo(OutputStream.nullOutputStream());
    };
  }

  /** A request and its connection. */
  public final class Exchange {
    private final Socket socket;
    private final InputStream in;
    private final byte[] head;
    private boolean over;

    private Exchange(Socket socket, InputStream in, byte[] head) {
      this.socket = socket;
      this.in = in;
      this.head = head;
    }

    public InputStream in() {
      return in;
    }

    public OutputStream out() throws IOException {
      return socket.getOutputStream();
    }

    public String head() {
      return new String(head, StandardCharsets.ISO_8859_1);
    }

    public HttpMessage readBody() throws IOException {
      HttpMessage request =
          HttpMessage.read(new SequenceInputStream(new ByteArrayInputStream(head), in));
      if (request == null) {
        throw new IllegalStateException("the head is missing");
      }
      requests.add(request);
      return request;
    }

    /**
     * Sends lines, each with its line end. A response without an empty line gets one at its end; in
     * any other the text after the empty line is the body.
     */
    public void send(String... lines) throws IOException {
      String text = String.join("\r\n", lines);
      String end = List.of(lines).contains("") ? "" : "\r\n\r\n";
      out().write((text + end).getBytes(StandardCharsets.ISO_8859_1));
      out().flush();
    }

    /** Waits until the server is closed. */
    public void awaitClose() throws InterruptedException {
      closed.await();
    }

    /** Closes the connection after this step. */
    public void closeConnection() {
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
          responds("HTTP/1.1 204 No Content").play(exchange);
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

  public int port() {
    return server.getLocalPort();
  }

  public String uri(String path) {
    return "http://127.0.0.1:" + port() + path;
  }

  /** Returns the requests whose bodies were read, in the order of completion. */
  public List<HttpMessage> requests() {
    return requests;
  }

  public int connectionsAccepted() {
    return accepted.get();
  }

  public int requestsBegun() {
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
