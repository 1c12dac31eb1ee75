package io.github.requestmirror.internal.dispatch;

import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** Runs tasks when the test says so; rejects what exceeds a backlog of 1024. */
final class ManualExecutor extends AbstractExecutorService {
  private static final int MAX_BACKLOG = 1024;

  private final ArrayDeque<Runnable> backlog = new ArrayDeque<>();
  private boolean shutdown;

  @Override
  public synchronized void execute(Runnable task) {
    if (shutdown || backlog.size() == MAX_BACKLOG) {
      throw new RejectedExecutionException("on purpose");
    }
    backlog.add(task);
  }

  private synchronized Runnable poll() {
    return backlog.isEmpty() ? () -> {} : backlog.remove();
  }

  synchronized boolean isEmpty() {
    return backlog.isEmpty();
  }

  /** Runs one task, if there is one. */
  void runNext() {
    poll().run();
  }

  void runAll() {
    while (!isEmpty()) {
      runNext();
    }
  }

  @Override
  public synchronized void shutdown() {
    shutdown = true;
  }

  @Override
  public synchronized List<Runnable> shutdownNow() {
    shutdown = true;
    List<Runnable> left = List.copyOf(backlog);
    backlog.clear();
    return left;
  }

  @Override
  public synchronized boolean isShutdown() {
    return shutdown;
  }

  @Override
  public synchronized boolean isTerminated() {
    return shutdown && backlog.isEmpty();
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    runAll();
    return true;
  }
}
