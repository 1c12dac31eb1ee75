package io.github.requestmirror.gateway;

import java.io.IOException;
import java.nio.channels.UnresolvedAddressException;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/** Servers whose port is taken before anything else starts, so that a taken one is told at once. */
final class Ports {
  private Ports() {}

  /**
   * Returns a server that is not started but has its port.
   *
   * @throws IllegalArgumentException when it cannot have it, naming the option
   */
  static Server open(
      String option,
      @Nullable String host,
      int port,
      String name,
      int maxThreads,
      HttpConfiguration configuration) {
    QueuedThreadPool threads = new QueuedThreadPool(maxThreads);
    threads.setName(name);
    Server server = new Server(threads);
    ServerConnector connector =
        new ServerConnector(server, 1, 1, new HttpConnectionFactory(configuration));
    connector.setHost(host);
    connector.setPort(port);
    server.addConnector(connector);
    try {
      connector.open();
    } catch (IOException | UnresolvedAddressException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IllegalArgumentException(
          option
              + "="
              + port
              + (host == null ? "" : " --bind=" + host)
              + ": "
              + (cause.getMessage() == null ? "the address is unknown" : cause.getMessage()),
          e);
    }
    return server;
  }

  static ServerConnector connector(Server server) {
    return (ServerConnector) server.getConnectors()[0];
  }

  /** The address to reach the server at from this machine. */
  static String url(Server server) {
    ServerConnector connector = connector(server);
    String host = connector.getHost() == null ? "127.0.0.1" : connector.getHost();
    return "http://"
        + (host.indexOf(':') < 0 ? host : "[" + host + "]")
        + ":"
        + connector.getLocalPort();
  }
}
