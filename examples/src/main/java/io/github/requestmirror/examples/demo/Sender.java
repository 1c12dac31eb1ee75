package io.github.requestmirror.examples.demo;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Timeout;

/** Sends remote writes at a steady rate, from several shards. */
final class Sender implements AutoCloseable {
  private final SenderStats stats = new SenderStats();
  private final List<Shard> shards = new ArrayList<>();
  private final CloseableHttpClient client;
  private final ExecutorService threads;
  private final long interval;

  Sender(URI uri, Plan plan) {
    client = client(plan.shards());
    for (int i = 0; i < plan.shards(); i++) {
      shards.add(
          new Shard(
              uri.resolve("/api/v1/push").toString(),
              client,
              new ShardSeries(i, plan.seriesPerShard()),
              stats));
    }
    threads = Executors.newFixedThreadPool(plan.shards());
    interval = TimeUnit.SECONDS.toNanos(plan.shards()) / plan.requestsPerSecond();
  }

  private static CloseableHttpClient client(int connections) {
    Timeout timeout = Timeout.ofSeconds(10);
    return HttpClients.custom()
        .setUserAgent("request-mirror-demo")
        .setConnectionManager(
            PoolingHttpClientConnectionManagerBuilder.create()
                .setMaxConnTotal(connections)
                .setMaxConnPerRoute(connections)
                .build())
        .setDefaultRequestConfig(RequestConfig.custom().setResponseTimeout(timeout).build())
        .disableAutomaticRetries()
        .disableRedirectHandling()
        .disableContentCompression()
        .disableCookieManagement()
        .disableAuthCaching()
        .build();
  }

  /** Starts sending; the returned latch reaches zero after the last response. */
  CountDownLatch send(Duration time) {
    CountDownLatch ended = new CountDownLatch(shards.size());
    long start = System.nanoTime();
    long end = start + time.toNanos();
    for (int i = 0; i < shards.size(); i++) {
      Shard shard = shards.get(i);
      long first = start + i * interval / shards.size();
      threads.execute(
          () -> {
            try {
              shard.send(first, end, interval);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            } finally {
              ended.countDown();
            }
          });
    }
    return ended;
  }

  SenderStats stats() {
    return stats;
  }

  @Override
  public void close() {
    threads.shutdownNow();
    client.close(CloseMode.IMMEDIATE);
  }
}
