package io.github.requestmirror.benchmarks.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Clients on one thread that send the same request over and over for some time: in a closed loop
 * each as soon as it has a response, in an open loop at a fixed rate, whether there are responses
 * or not. A stall of the server so becomes visible in the latencies of all requests that were due.
 */
final class Clients {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final Selector selector = Selector.open();
  private final InetSocketAddress server;
  private final ByteBuffer request;
  private final List<ClientConnection> all = new ArrayList<>();
  private final ArrayDeque<ClientConnection> idle = new ArrayDeque<>();
  private final Histogram latencies = new Histogram(TimeUnit.MINUTES.toMicros(5), 3);
  private final long[] perSecond;
  private long start;
  private long failures;
  private long longestWait;

  /**
   * @param request in direct memory
   */
  Clients(int port, ByteBuffer request, int connections, int seconds) throws IOException {
    this.server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    this.request = request;
    this.perSecond = new long[seconds];
    for (int i = 0; i < connections; i++) {
      ClientConnection connection = new ClientConnection(request.duplicate());
      connection.open(server, selector);
      all.add(connection);
      idle.add(connection);
    }
  }

  /**
   * Sends requests.
   *
   * @param requestsPerSecond 0 for a closed loop
   */
  LoadResult run(double requestsPerSecond) throws IOException {
    start = System.nanoTime();
    long end = start + perSecond.length * SECOND;
    double interval = requestsPerSecond == 0 ? 0 : SECOND / requestsPerSecond;
    long due = 0;
    long sent = 0;
    ArrayDeque<Long> waiting = new ArrayDeque<>();
    long now = start;
    while (now < end) {
      while (interval > 0 && start + (long) (due * interval) <= now) {
        waiting.add(start + (long) (due++ * interval));
      }
      while (!idle.isEmpty() && (interval == 0 || !waiting.isEmpty())) {
        sent++;
        begin(idle.poll(), interval == 0 ? now : waiting.poll());
      }
      long next = interval == 0 ? end : Math.min(end, start + (long) (due * interval));
      await(next - System.nanoTime());
      now = System.nanoTime();
    }
    return result(now, interval == 0 ? sent : due, waiting);
  }

  /** A selector waits in milliseconds, which is too long for an open loop: it parks instead. */
  private void await(long nanos) throws IOException {
    if (nanos >= TimeUnit.MILLISECONDS.toNanos(2)) {
      selector.select(this::onReady, TimeUnit.NANOSECONDS.toMillis(nanos));
    } else if (selector.selectNow(this::onReady) == 0 && nanos > 0) {
      LockSupport.parkNanos(Math.min(nanos, TimeUnit.MICROSECONDS.toNanos(50)));
    }
  }

  private void begin(ClientConnection connection, long intended) throws IOException {
    connection.begin(intended);
    try {
      connection.write();
    } catch (IOException e) {
      reopen(connection);
    }
  }

  private void onReady(SelectionKey key) {
    ClientConnection connection = (ClientConnection) key.attachment();
    try {
      try {
        if (key.isWritable()) {
          connection.write();
        }
        if (key.isReadable()) {
          int status = connection.read();
          if (status != 0) {
            responded(connection, status);
          }
        }
      } catch (IOException e) {
        reopen(connection);
      }
    } catch (IOException e) {
      throw new IllegalStateException("the gateway is gone", e);
    }
  }

  private void responded(ClientConnection connection, int status) throws IOException {
    long now = System.nanoTime();
    if (status / 100 != 2) {
      failures++;
    } else {
      long latency = now - connection.intended();
      latencies.recordValue(
          Math.min(TimeUnit.NANOSECONDS.toMicros(latency), latencies.getHighestTrackableValue()));
      longestWait = Math.max(longestWait, latency);
      perSecond[(int) Math.min((now - start) / SECOND, perSecond.length - 1)]++;
    }
    if (connection.mustClose()) {
      connection.open(server, selector);
    }
    connection.end();
    idle.add(connection);
  }

  private void reopen(ClientConnection connection) throws IOException {
    failures++;
    connection.open(server, selector);
    connection.end();
    idle.add(connection);
  }

  private LoadResult result(long now, long due, ArrayDeque<Long> waiting) throws IOException {
    int stalled = 0;
    long stall = Math.min(SECOND, perSecond.length * SECOND / 2);
    for (ClientConnection connection : all) {
      if (connection.isBusy()) {
        long wait = now - connection.intended();
        longestWait = Math.max(longestWait, wait);
        stalled += wait >= stall ? 1 : 0;
      }
      connection.close();
    }
    if (!waiting.isEmpty()) {
      longestWait = Math.max(longestWait, now - waiting.peek());
    }
    selector.close();
    return new LoadResult(
        latencies.getTotalCount(),
        failures,
        due,
        (now - start) / 1e9,
        latencies.getValueAtPercentile(50),
        latencies.getValueAtPercentile(90),
        latencies.getValueAtPercentile(99),
        latencies.getValueAtPercentile(99.9),
        longestWait / 1e6,
        stalled,
        perSecond);
  }
}
