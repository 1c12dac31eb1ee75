package io.github.requestmirror.examples.demo;

import io.github.requestmirror.examples.remotewrite.RemoteWrite;
import io.github.requestmirror.examples.remotewrite.proto.WriteRequest;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.IO;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/** A cluster that accepts remote writes, can hang, and can refuse connections. */
final class Receiver implements AutoCloseable {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  /** Linux lets a socket listen on a port to which another socket is bound that does not listen. */
  private static final boolean CAN_SHARE_PORT = System.getProperty("os.name").equals("Linux");

  private static final long PORT_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final SampleStore store = new SampleStore();
  private final List<Callback> hung = new ArrayList<>();
  private final Jitter jitter;
  private final Server server;
  private final ServerConnector connector;
  private boolean hanging;

  /**
   * A socket that is bound to the port but does not listen: connections are refused, and the port
   * stays reserved. Where ports can be shared it exists from start to end, so that no other process
   * can get the port between two states of the connector.
   */
  private @Nullable Socket reservation;

  private Receiver(String name, Jitter jitter) {
    this.jitter = jitter;
    QueuedThreadPool threads = new QueuedThreadPool(32, 4);
    threads.setName(name);
    server = new Server(threads);
    connector = new ServerConnector(server, 1, 1);
    connector.setHost(LOOPBACK.getHostAddress());
    server.addConnector(connector);
    server.setHandler(new Writes());
  }

  static Receiver start(String name, Jitter jitter) throws Exception {
    Receiver receiver = new Receiver(name, jitter);
    receiver.reservePort();
    receiver.listen(receiver.server);
    return receiver;
  }

  URI uri() {
    return URI.create("http://" + LOOPBACK.getHostAddress() + ":" + connector.getPort());
  }

  SampleStore store() {
    return store;
  }

  /** Accepts every request from now on and sends no response. */
  synchronized void hang() {
    hanging = true;
  }

  /** Closes the port and all connections; returns when connections are refused. */
  synchronized void refuse() throws Exception {
    connector.stop();
    reservePort();
    awaitRefusal();
    letGo();
  }

  /** Serves again, on the same port. */
  synchronized void comeBack() throws Exception {
    letGo();
    hanging = false;
    listen(connector);
  }

  private void reservePort() throws IOException {
    if (reservation == null) {
      Socket socket = new Socket();
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(LOOPBACK, connector.getPort()));
      connector.setPort(socket.getLocalPort());
      reservation = socket;
    }
  }

  private void releasePort() {
    IO.close(reservation);
    reservation = null;
  }

  /** The kernel keeps a closed listener until the thread that accepts on it has returned. */
  private void awaitRefusal() throws IOException {
    InetSocketAddress address = new InetSocketAddress(LOOPBACK, connector.getPort());
    long start = System.nanoTime();
    while (!refuses(address)) {
      if (System.nanoTime() - start > PORT_NANOS) {
        throw new IOException("port " + address.getPort() + " still accepts connections");
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static boolean refuses(InetSocketAddress address) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(address);
      return false;
    } catch (ConnectException e) {
      return true;
    } catch (SocketException e) {
      // The listener ended between the handshake and the return of the call.
      return false;
    }
  }

  private void listen(LifeCycle stopped) throws Exception {
    if (!CAN_SHARE_PORT) {
      releasePort();
    }
    long start = System.nanoTime();
    boolean listening = false;
    while (!listening) {
      try {
        stopped.start();
        listening = true;
      } catch (IOException e) {
        // As long as the kernel keeps the closed listener, the port is in use.
        if (!(e.getCause() instanceof BindException) || System.nanoTime() - start > PORT_NANOS) {
          throw e;
        }
        LockSupport.parkNanos(1_000_000);
      }
    }
  }

  private void letGo() {
    hung.forEach(callback -> callback.succeeded());
    hung.clear();
  }

  /** Returns whether the request stays without a response for now. */
  private synchronized boolean keeps(Response response, Callback callback) {
    if (hanging) {
      // Sent if the connection is still open when the receiver stops hanging.
      response.setStatus(503);
      hung.add(callback);
    }
    return hanging;
  }

  @Override
  public void close() {
    synchronized (this) {
      letGo();
    }
    LifeCycle.stop(server);
    synchronized (this) {
      releasePort();
    }
  }

  private final class Writes extends Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
      if (keeps(response, callback)) {
        return true;
      }
      WriteRequest write = decode(Content.Source.asByteBuffer(request));
      // Requests that arrive together are stored in a random order.
      server
          .getScheduler()
          .schedule(
              () -> respond(write, response, callback), jitter.nextNanos(), TimeUnit.NANOSECONDS);
      return true;
    }

    private static @Nullable WriteRequest decode(ByteBuffer body) {
      try {
        return RemoteWrite.decode(BufferUtil.toArray(body));
      } catch (IOException e) {
        return null;
      }
    }

    private void respond(@Nullable WriteRequest write, Response response, Callback callback) {
      response.setStatus(write != null && store.append(write) ? 204 : 400);
      callback.succeeded();
    }
  }
}
