package io.github.requestmirror.soak;

import static org.awaitility.Awaitility.await;

import io.github.requestmirror.testing.HttpMessage;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A server on loopback with faults that may be changed while it runs, for all tenants or for one.
 * Keeps no requests. Its threads end when the client closes their connections.
 */
final class FaultyTarget implements AutoCloseable {
  static final String TENANT = "X-Scope-OrgID";

  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final Map<String, Fault> faults = new ConcurrentHashMap<>();
  private final AtomicInteger accepted = new AtomicInteger();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Consumer<HttpMessage> receiver;
  private final long seed;
  private final int port;
  private volatile Fault faultOfAll = Fault.NONE;
  private @Nullable ServerSocket server;

  /**
   * @param receiver called for each request that has been read completely, by several threads
   */
  FaultyTarget(long seed, Consumer<HttpMessage> receiver) {
    this.seed = seed;
    this.receiver = receiver;
    this.port = listen(0);
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + port);
  }

  int openConnections() {
    return connections.size();
  }

  /** Sets the fault of all tenants without one of their own. */
  void fault(Fault fault) {
    faultOfAll = fault;
  }

  void fault(String tenant, Fault fault) {
    faults.put(tenant, fault);
  }

  /** Ends all faults, and that connections are refused. */
  void heal() {
    faultOfAll = Fault.NONE;
    faults.clear();
    accept();
  }

  /** Closes the port and all connections. */
  synchronized void refuse() {
    if (server != null) {
      closeQuietly(server);
      server = null;
    }
    connections.forEach(FaultyTarget::closeQuietly);
  }

  /** Opens the port again. */
  synchronized void accept() {
    if (server == null) {
      // Another socket of this machine may have the port for a moment.
      await().pollInSameThread().ignoreExceptions().until(() -> listen(port) == port);
    }
  }

  private synchronized int listen(int wanted) {
    try {
      ServerSocket listening = new ServerSocket();
      listening.setReuseAddress(true);
      listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted), 512);
      server = listening;
      daemon(() -> accept(listening));
      return listening.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept(ServerSocket listening) {
    try {
      while (true) {
        Socket connection = listening.accept();
        connections.add(connection);
        if (listening.isClosed()) {
          connection.close();
        }
        Random random = new Random(seed + accepted.incrementAndGet());
        daemon(() -> serve(connection, random));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void serve(Socket connection, Random random) {
    try (connection) {
      try {
        connection.setTcpNoDelay(true);
        Exchange exchange = new Exchange(connection);
        while (exchange.hasRequest() && exchange.handle(random)) {
          // The next one.
        }
      } catch (IOException | RuntimeException e) {
        // Makes the close a reset.
        connection.setSoLinger(true, 0);
      }
    } catch (IOException e) {
      // Closed already.
    } finally {
      connections.remove(connection);
    }
  }

  /** A connection while a request is handled. */
  final class Exchange {
    private final Socket connection;
    private final InputStream in;

    Exchange(Socket connection) throws IOException {
      this.connection = connection;
      this.in = new BufferedInputStream(connection.getInputStream());
    }

    OutputStream output() throws IOException {
      return connection.getOutputStream();
    }

    /** Waits for the first byte of a request, and does not take it. */
    private boolean hasRequest() throws IOException {
      in.mark(1);
      boolean has = in.read() >= 0;
      if (has) {
        in.reset();
      }
      return has;
    }

    private boolean handle(Random random) throws IOException {
      if (faultOfAll.isBeforeReading()) {
        faultOfAll.handleUnread(this, random);
        return false;
      }
      HttpMessage request = HttpMessage.read(in);
      if (request == null) {
        return false;
      }
      receiver.accept(request);
      String tenant = request.header(TENANT);
      Fault fault = tenant == null ? faultOfAll : faults.getOrDefault(tenant, faultOfAll);
      return (fault.isBeforeReading() ? Fault.NONE : fault).handle(request, this, random);
    }

    /**
     * Waits, and throws when the client closes the connection.
     *
     * @param millis 0 to wait only for that
     */
    void pause(int millis) throws IOException {
      connection.setSoTimeout(millis);
      try {
        int unexpected = in.read();
        throw unexpected < 0 ? Fault.closedByClient() : new IOException("bytes in a request");
      } catch (SocketTimeoutException e) {
        connection.setSoTimeout(0);
      }
    }

    /** Reads nothing for a while. */
    void ignore(int millis) throws IOException {
      try {
        if (!closed.await(millis, TimeUnit.MILLISECONDS)) {
          skip(Integer.MAX_VALUE);
        }
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    /** Reads so many bytes, or all until the client closes the connection. */
    void skip(int bytes) throws IOException {
      byte[] buffer = new byte[8192];
      for (int left = bytes; left > 0; ) {
        int read = in.read(buffer, 0, Math.min(left, buffer.length));
        if (read < 0) {
          throw Fault.closedByClient();
        }
        left -= bytes == Integer.MAX_VALUE ? 0 : read;
      }
    }
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "faulty-target");
    thread.setDaemon(true);
    thread.start();
  }

  private static void closeQuietly(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception e) {
      // Closed all the same.
    }
  }

  @Override
  public void close() {
    closed.countDown();
    refuse();
  }
}
