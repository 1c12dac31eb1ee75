package io.github.requestmirror.benchmarks.gateway;

import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Looks at a gateway every second. A gateway without memory may take long to reply, so a thread
 * waits for it; until then the last reply counts.
 */
final class MemoryProbe implements AutoCloseable {
  private final ExecutorService asking =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "probe");
            thread.setDaemon(true);
            return thread;
          });
  private final RunningGateway gateway;
  private volatile GatewayCounters last = GatewayCounters.NONE;
  private Future<?> question;
  private long gcBefore;

  MemoryProbe(RunningGateway gateway) throws IOException {
    this.gateway = gateway;
    last = gateway.counters();
    gcBefore = last.gcMillis();
  }

  MemoryRun.Second look(int second) throws IOException {
    boolean isReplying = question == null || question.isDone();
    GatewayCounters seen = last;
    if (isReplying) {
      question = asking.submit(this::ask);
    }
    long gc = seen.gcMillis() - gcBefore;
    gcBefore = seen.gcMillis();
    return new MemoryRun.Second(
        second, seen.heap(), gc, gateway.residentBytes(), seen.pending(), isReplying);
  }

  private void ask() {
    try {
      last = gateway.counters();
    } catch (IOException e) {
      // It has ended, which the load shows.
    }
  }

  @Override
  public void close() {
    asking.shutdownNow();
  }
}
