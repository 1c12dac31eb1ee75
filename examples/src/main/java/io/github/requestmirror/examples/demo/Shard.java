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
 * One of the sender's queues, as Prometheus has them: one request at a time, and the next only when
 * this one is responded for good. Whoever sees two requests of one shard at once has disordered
 * them.
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

  /** Sends one request per interval, the first at {@code start}; catches up if it is a bit late. */
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
   * Tries until the receiver takes or rejects the body. Prometheus never gives up; this does after
   * about eight seconds, so that the demo ends.
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
      // As Prometheus does: a shard waits, then sends the same batch again before any other.
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
      // To be tried again like any 5xx.
      return 599;
    }
  }
}
