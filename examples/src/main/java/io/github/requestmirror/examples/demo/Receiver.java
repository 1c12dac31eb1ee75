package io.github.requestmirror.examples.demo;

import io.github.requestmirror.examples.remotewrite.RemoteWrite;
import io.github.requestmirror.examples.remotewrite.proto.WriteRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
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

/** A cluster that takes remote writes, can hang, and can refuse connections. */
final class Receiver implements AutoCloseable {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private final SampleStore store = new SampleStore();
  private final List<Callback> hung = new ArrayList<>();
  private final Jitter jitter;
  private final Server server;
  private final ServerConnector connector;
  private boolean hanging;
  private @Nullable Socket placeholder;

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
    receiver.server.start();
    receiver.connector.setPort(receiver.connector.getLocalPort());
    return receiver;
  }

  URI uri() {
    return URI.create("http://" + LOOPBACK.getHostAddress() + ":" + connector.getPort());
  }

  SampleStore store() {
    return store;
  }

  /** Takes every request from now on and responds none. */
  synchronized void hang() {
    hanging = true;
  }

  /** Closes the port and all connections. */
  synchronized void refuse() throws Exception {
    connector.stop();
    // A socket that is bound and does not listen refuses, and nobody else gets the port meanwhile.
    placeholder = new Socket();
    placeholder.setReuseAddress(true);
    placeholder.bind(new InetSocketAddress(LOOPBACK, connector.getPort()));
    letGo();
  }

  /** Serves again, on the same port. */
  synchronized void comeBack() throws Exception {
    letGo();
    hanging = false;
    if (openPort()) {
      connector.start();
    }
  }

  /** Returns whether there was a placeholder. */
  private boolean openPort() {
    if (placeholder == null) {
      return false;
    }
    IO.close(placeholder);
    placeholder = null;
    return true;
  }

  private void letGo() {
    hung.forEach(callback -> callback.succeeded());
    hung.clear();
  }

  /** Returns whether the request is to stay without a response. */
  private synchronized boolean keeps(Response response, Callback callback) {
    if (hanging) {
      // The response when it is let go, should its connection live then.
      response.setStatus(503);
      hung.add(callback);
    }
    return hanging;
  }

  @Override
  public void close() {
    synchronized (this) {
      letGo();
      openPort();
    }
    LifeCycle.stop(server);
  }

  private final class Writes extends Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
      if (keeps(response, callback)) {
        return true;
      }
      WriteRequest write = decode(Content.Source.asByteBuffer(request));
      // It thinks before it stores, so requests of one moment are stored in any order.
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
