package io.github.requestmirror.testing;

import static org.awaitility.Awaitility.await;

import java.io.BufferedInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A server on loopback that records every request byte for byte. Its behaviour is configurable and
 * may be changed while it runs. By default it responds with 204.
 */
public final class TestTarget implements AutoCloseable {
  /** Handles a request that has been read. */
  public interface Behaviour {
    /** Writes a response, or none. An exception resets the connection. */
    void handle(HttpMessage request, OutputStream out) throws Exception;
  }

  private final List<HttpMessage> requests = new CopyOnWriteArrayList<>();
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final AtomicInteger accepted = new AtomicInteger();
  private final AtomicInteger handling = new AtomicInteger();
  private final AtomicInteger maxConcurrency = new AtomicInteger();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final @Nullable SSLContext tls;
  private final int port;
  private volatile Behaviour behaviour = status(204);
  private volatile boolean reading = true;
  private volatile byte @Nullable [] early;
  private volatile int earlyAfter;
  private @Nullable ServerSocket server;

  public TestTarget() {
    this(null);
  }

  /** Starts a server that speaks TLS. */
  public TestTarget(@Nullable SSLContext tls) {
    this.tls = tls;
    this.port = listen(0);
  }

  public static Behaviour status(int status) {
    return respond(status, "");
  }

  public static Behaviour respond(int status, String body) {
    return (request, out) -> {
      String length =
          status == 204 || status == 304 ? "" : "Content-Length: " + body.length() + "\r\n";
      out.write(
          ("HTTP/1.1 " + status + " Status\r\n" + length + "\r\n" + body)
              .getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
    };
  }

  /** Reads requests and never responds. */
  public Behaviour hang() {
    return (request, out) -> closed.await();
  }

  /** Responds with an endless body. */
  public Behaviour endless() {
    return (request, out) -> {
      out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
      byte[] filler = new byte[8192];
      while (closed.getCount() > 0) {
        out.write(filler);
      }
    };
  }

  /** Resets the connection instead of responding. */
  public static Behaviour reset() {
    return (request, out) -> {
      throw new IOException("reset on purpose");
    };
  }

  public TestTarget behave(Behaviour behaviour) {
    this.behaviour = behaviour;
    return this;
  }

  /**
   * From the next connection on, responds after the head of a request and then closes the output.
   * Reads and discards the body, so that the response is not lost in a connection reset.
   */
  public TestTarget respondEarly(String response) {
    return respondEarly(response, Integer.MAX_VALUE);
  }

  /** Like {@link #respondEarly(String)}, but at the latest after the given number of bytes. */
  public TestTarget respondEarly(String response, int bytes) {
    early = response.getBytes(StandardCharsets.ISO_8859_1);
    earlyAfter = bytes;
    return this;
  }

  private void respondEarly(Socket connection, byte[] response) throws IOException {
    InputStream in = connection.getInputStream();
    int last = 0;
    for (int read = 0; read < earlyAfter && last != 0x0d0a0d0a; read++) {
      last = last << 8 | in.read();
    }
    connection.getOutputStream().write(response);
    connection.shutdownOutput();
    // Closing with unread bytes would reset the connection and lose the response.
    in.transferTo(OutputStream.nullOutputStream());
  }

  /** From the next connection on, accepts connections but does not read. */
  public TestTarget readNothing() {
    reading = false;
    return this;
  }

  /** Closes the port and all connections; returns when new connections are refused. */
  public void refuse() {
    stopListening();
    // The kernel accepts connections until the thread that accepts them has returned.
    await().until(this::refusesConnections);
  }

  private boolean refusesConnections() throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return false;
    } catch (ConnectException e) {
      return true;
    }
  }

  private synchronized void stopListening() {
    try {
      ServerSocket listening = server;
      if (listening != null) {
        listening.close();
      }
      for (Socket connection : connections) {
        connection.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Closes all connections, as servers do with idle ones; the port stays open. */
  public void closeConnections() {
    for (Socket connection : connections) {
      try {
        connection.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Opens the same port again after {@link #refuse()}. */
  public void resumeListening() {
    listen(port);
  }

  private synchronized int listen(int wanted) {
    try {
      ServerSocket listening =
          tls == null ? new ServerSocket() : tls.getServerSocketFactory().createServerSocket();
      listening.setReuseAddress(true);
      listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted), 512);
      server = listening;
      daemon(() -> accept(listening), "test-target-accept");
      return listening.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept(ServerSocket listening) {
    try {
      while (true) {
        Socket connection = listening.accept();
        accepted.incrementAndGet();
        connections.add(connection);
        if (listening.isClosed()) {
          connection.close();
        }
        daemon(() -> serve(connection), "test-target");
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      try {
        exchange(connection);
      } catch (Exception e) {
        // Makes the close a reset.
        connection.setSoLinger(true, 0);
      }
    } catch (IOException e) {
      // Closed already.
    } finally {
      connections.remove(connection);
    }
  }

  private void exchange(Socket connection) throws Exception {
    connection.setTcpNoDelay(true);
    if (!reading) {
      closed.await();
      return;
    }
    byte[] earlyResponse = early;
    if (earlyResponse != null) {
      respondEarly(connection, earlyResponse);
      return;
    }
    InputStream in = new BufferedInputStream(connection.getInputStream());
    for (HttpMessage request = HttpMessage.read(in);
        request != null;
        request = HttpMessage.read(in)) {
      maxConcurrency.accumulateAndGet(handling.incrementAndGet(), Math::max);
      Response response = new Response(connection.getOutputStream());
      try {
        requests.add(request);
        behaviour.handle(request, response);
      } finally {
        response.begun();
      }
    }
  }

  /**
   * Counts a request as handled when its response begins, because the client may then send the
   * next.
   */
  private final class Response extends FilterOutputStream {
    private boolean begun;

    Response(OutputStream out) {
      super(out);
    }

    void begun() {
      if (!begun) {
        begun = true;
        handling.decrementAndGet();
      }
    }

    @Override
    public void write(int b) throws IOException {
      begun();
      out.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      begun();
      out.write(bytes, offset, length);
    }
  }

  private static void daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }

  public URI uri() {
    return URI.create((tls == null ? "http" : "https") + "://127.0.0.1:" + port);
  }

  public int port() {
    return port;
  }

  /** Returns the requests so far, in the order in which they were received completely. */
  public List<HttpMessage> requests() {
    return requests;
  }

  public int connectionsAccepted() {
    return accepted.get();
  }

  /** Returns the number of connections that neither side has closed, as far as is known. */
  public int openConnections() {
    return connections.size();
  }

  /** Returns the largest number of requests that were handled at the same time. */
  public int maxConcurrency() {
    return maxConcurrency.get();
  }

  @Override
  public void close() {
    closed.countDown();
    stopListening();
  }
}
