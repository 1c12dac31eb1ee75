package io.github.requestmirror.examples.clients;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.requestmirror.examples.remotewrite.RemoteWrite;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.atomic.AtomicLong;

/** A cluster that accepts remote writes and counts their samples. */
final class Cluster implements AutoCloseable {
  private final AtomicLong samples = new AtomicLong();
  private final HttpServer server;

  Cluster() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/api/v1/push", this::push);
    server.start();
  }

  private void push(HttpExchange exchange) throws IOException {
    try (exchange) {
      int status = 204;
      try {
        byte[] body = exchange.getRequestBody().readAllBytes();
        samples.addAndGet(RemoteWrite.samples(RemoteWrite.decode(body)));
      } catch (IOException e) {
        status = 400;
      }
      exchange.sendResponseHeaders(status, -1);
    }
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  long samples() {
    return samples.get();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
