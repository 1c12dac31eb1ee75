package io.github.requestmirror.internal.accounting;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Makes executors with one daemon thread, which starts when it is first needed and ends after ten
 * idle seconds. For work that may block or be the application's.
 */
public final class OnDemandThread {
  private static final long IDLE_SECONDS = 10;

  private OnDemandThread() {}

  /**
   * Returns an executor.
   *
   * @param backlog holds the tasks that wait; the executor rejects those for which it has no room
   */
  public static ThreadPoolExecutor executor(String name, BlockingQueue<Runnable> backlog) {
    return executor(
        task -> {
          Thread thread = new Thread(task, name);
          thread.setDaemon(true);
          return thread;
        },
        backlog);
  }

  static ThreadPoolExecutor executor(ThreadFactory factory, BlockingQueue<Runnable> backlog) {
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(1, 1, IDLE_SECONDS, TimeUnit.SECONDS, backlog, factory);
    executor.allowCoreThreadTimeOut(true);
    return executor;
  }
}
