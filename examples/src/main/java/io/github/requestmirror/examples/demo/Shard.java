package io.github.requestmirror.examples.demo;

import io.github.requestmirror.examples.remotewrite.RemoteWrite;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.classic.HttpClient;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;

/**
 * One of the sender's queues, like a shard of Prometheus: it sends a request only after the
 * previous one has its final response. Two requests of one shard never overlap unless something
 * between sender and receiver reorders them.
 */
final class Shard {
  private static final ContentType PROTOBUF = ContentType.create("application/x-protobuf");
  private static final Duration FIRST_BACKOFF = Duration.ofMillis(30);
  private static final Duration LAST_BACKOFF = Duration.ofSeconds(5);

  private final String uri;
  private final HttpClient client;
  private final ShardSeries series;
  private final SenderStats stats;

  Shard(String uri, HttpClient client, ShardSeries series, SenderStats stats) {
    this.uri = uri;
    this.client = client;
    this.series = series;
    this.stats = stats;
  }

  /** Sends one request per interval, the first at {@code start}; makes up for small delays. */
  void send(long start, long end, long interval) throws InterruptedException {
    for (long due = start; due - end < 0; due = next(due, interval)) {
      TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
      byte[] body = RemoteWrite.encode(series.next());
      long sent = System.nanoTime();
      stats.sent(series.size());
      if (deliver(body)) {
        stats.acknowledged(series.size(), System.nanoTime() - sent);
      }
    }
  }

  private static long next(long due, long interval) {
    return Math.max(due + interval, System.nanoTime() - 5 * interval);
  }

  /**
   * Sends the body until the receiver accepts or rejects it. Prometheus retries forever; this gives
   * up after about eight seconds, so that the demo ends.
   */
  private boolean deliver(byte[] body) throws InterruptedException {
    Duration backoff = FIRST_BACKOFF;
    for (int attempt = 0; ; attempt++) {
      int status = post(body, attempt);
      if (status < 500) {
        return status / 100 == 2;
      }
      if (backoff.compareTo(LAST_BACKOFF) > 0) {
        return false;
      }
      // Like Prometheus, a shard waits and then sends the same batch again before any other.
      Thread.sleep(backoff.toMillis());
      backoff = backoff.multipliedBy(2);
    }
  }

  private int post(byte[] body, int attempt) {
    HttpPost post = new HttpPost(uri);
    post.setEntity(new ByteArrayEntity(body, PROTOBUF, "snappy"));
    post.setHeader("X-Prometheus-Remote-Write-Version", "0.1.0");
    post.setHeader("X-Scope-OrgID", "team-a");
    if (attempt > 0) {
      post.setHeader("Retry-Attempt", Integer.toString(attempt));
    }
    try {
      return client.execute(post, response -> response.getCode());
    } catch (IOException e) {
      // Retried like any 5xx.
      return 599;
    }
  }
}
