package io.github.requestmirror.internal.send;

import io.github.requestmirror.internal.accounting.OnDemandThread;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Makes the transports of a target's connections, and owns the thread for the tasks of TLS
 * handshakes. That thread starts when it is needed and ends when it is idle.
 */
final class TransportFactory {
  private final TargetAddress address;
  private final @Nullable SSLContext tls;

  /** At most one task for each connection waits. */
  private final ExecutorService tasks;

  /**
   * @param configured the context for TLS, or null for the JVM's default
   */
  TransportFactory(TargetAddress address, @Nullable SSLContext configured, String threadName) {
    this.address = address;
    this.tls = address.tls() ? orDefault(configured) : null;
    this.tasks = OnDemandThread.executor(threadName, new LinkedBlockingQueue<>());
  }

  private static SSLContext orDefault(@Nullable SSLContext configured) {
    try {
      return configured == null ? SSLContext.getDefault() : configured;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("the JVM has no default TLS context", e);
    }
  }

  /**
   * Makes the transport of a connection.
   *
   * @param onTaskEnd called by the task's thread when {@link Transport#taskEnded} is to be called
   */
  Transport create(SocketChannel socket, Runnable onTaskEnd) throws IOException {
    return tls == null
        ? new PlainTransport(socket)
        : new TlsTransport(
            socket, tls.createSSLEngine(address.host(), address.port()), tasks, onTaskEnd);
  }

  void close() {
    tasks.shutdownNow();
  }
}
