package io.github.requestmirror.benchmarks.sender;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Cortex;
import io.github.requestmirror.Headers;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.RequestHead;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A mirror whose requests come from a loop instead of a primary. As with 16 connections of clients,
 * 16 requests overlap, so that their copies have no order among each other.
 */
final class MirrorSending implements Sending {
  /** Few enough that the bodies fit into the buffer. */
  private static final int BATCH = 128;

  private static final int CONNECTIONS = 16;

  /** In such pieces a container hands over bodies. */
  private static final int PIECE = 16 << 10;

  private final Mirror mirror;
  private final RequestHead head;
  private final byte[] body;
  private final Capture[] captures = new Capture[CONNECTIONS];

  MirrorSending(int port, byte[] body) {
    MirrorTarget target =
        MirrorTarget.builder(URI.create("http://127.0.0.1:" + port)).name("target").build();
    this.mirror = Mirror.start(target, Cortex.writes().build());
    this.body = body;
    this.head =
        RequestHead.of(
            "POST",
            "/api/v1/push",
            null,
            Headers.of(
                "Host", "metrics.example",
                "User-Agent", "Prometheus/3.5.0",
                "Content-Length", "" + body.length,
                "Content-Encoding", "snappy",
                "Content-Type", "application/x-protobuf",
                "X-Prometheus-Remote-Write-Version", "0.1.0",
                "X-Scope-OrgID", "tenant"));
  }

  @Override
  public void send(int requests) {
    int left = requests;
    while (left > 0) {
      int batch = Math.min(left, BATCH);
      for (int done = 0; done < batch; done += CONNECTIONS) {
        overlap(Math.min(CONNECTIONS, batch - done));
      }
      left -= batch;
      awaitPending(left == 0 ? 0 : BATCH / 2);
    }
  }

  private void overlap(int requests) {
    for (int i = 0; i < requests; i++) {
      Capture capture = mirror.capture(head);
      captures[i] = capture;
      for (int written = 0; written < body.length; written += PIECE) {
        capture.write(body, written, Math.min(PIECE, body.length - written));
      }
      capture.complete();
    }
    for (int i = 0; i < requests; i++) {
      captures[i].primaryResponded(204);
    }
  }

  /** Asks seldom, because the statistics cost more than a copy. */
  private void awaitPending(long atMost) {
    while (stats().pending() > atMost) {
      LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(300));
    }
  }

  private MirrorStats.Target stats() {
    return mirror.stats().targets().get(0);
  }

  @Override
  public void close() {
    MirrorStats.Target stats = stats();
    mirror.close();
    if (stats.responded() != stats.offered()) {
      throw new IllegalStateException("not all copies have a response: " + stats);
    }
  }
}
