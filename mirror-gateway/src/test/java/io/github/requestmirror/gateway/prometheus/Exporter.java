package io.github.requestmirror.gateway.prometheus;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** A scrape target whose counters grow with every scrape. */
final class Exporter implements AutoCloseable {
  private final HttpServer server;
  private final int series;
  private long scrapes;

  Exporter(int series) {
    this.series = series;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/metrics", this::metrics);
    server.start();
  }

  private void metrics(HttpExchange exchange) throws IOException {
    scrapes++;
    StringBuilder page = new StringBuilder("# TYPE shop_orders_total counter\n");
    for (int i = 0; i < series; i++) {
      page.append("shop_orders_total{product=\"p").append(i).append("\",region=\"r");
      page.append(i % 7).append("\"} ").append(scrapes * 1000 + i).append('\n');
    }
    byte[] bytes = page.toString().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
