package io.github.requestmirror.gateway;

import java.io.IOException;
import java.nio.channels.UnresolvedAddressException;
import java.util.List;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/** Servers that bind their port before anything else starts, so that a conflict is found first. */
final class Ports {
  private Ports() {}

  /**
   * Returns a server for HTTP/1.1 that has bound its port but is not started.
   *
   * @throws IllegalArgumentException when the port is not available, naming the option
   */
  static Server open(
      String option,
      @Nullable String host,
      int port,
      String name,
      int maxThreads,
      HttpConfiguration configuration) {
    return open(
        option, host, port, name, maxThreads, List.of(new HttpConnectionFactory(configuration)));
  }

  /**
   * Returns a server for these protocols that has bound its port but is not started.
   *
   * @throws IllegalArgumentException when the port is not available, naming the option
   */
  static Server open(
      String option,
      @Nullable String host,
      int port,
      String name,
      int maxThreads,
      List<ConnectionFactory> protocols) {
    QueuedThreadPool threads = new QueuedThreadPool(maxThreads);
    threads.setName(name);
    Server server = new Server(threads);
    ServerConnector connector =
        new DrainingConnector(server, protocols.toArray(ConnectionFactory[]::new));
    server.setErrorHandler(PlainErrors.ofServer());
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
              + (cause.getMessage() == null ? "unknown address" : cause.getMessage()),
          e);
    }
    return server;
  }

  static DrainingConnector connector(Server server) {
    return (DrainingConnector) server.getConnectors()[0];
  }

  /** Returns the URL at which a client on this machine reaches the server. */
  static String url(Server server) {
    ServerConnector connector = connector(server);
    String host = connector.getHost() == null ? "127.0.0.1" : connector.getHost();
    boolean tls = connector.getConnectionFactory(SslConnectionFactory.class) != null;
    return (tls ? "https://" : "http://")
        + (host.indexOf(':') < 0 ? host : "[" + host + "]")
        + ":"
        + connector.getLocalPort();
  }
}
