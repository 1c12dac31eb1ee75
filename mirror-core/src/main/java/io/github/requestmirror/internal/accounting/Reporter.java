package io.github.requestmirror.internal.accounting;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorListener;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs the application's code for one target: the listener and the appenders behind log lines. It
 * may block, so it has a thread of its own, which starts when it is first needed and ends when it
 * is idle. The backlog is bounded; what exceeds it is discarded. Thread-safe, never blocks, except
 * for {@link #close}.
 */
public final class Reporter implements Executor {
  private static final GuardedLog logger = new GuardedLog(Mirror.class);
  private static final int MAX_BACKLOG = 1024;

  private final String target;
  private final @Nullable GuardedListener listener;
  private final ExecutorService executor;
  private final @Nullable ReporterThreads threads;

  /** Creates a reporter with a thread of its own, which starts when it is needed. */
  public static Reporter start(
      String target, @Nullable MirrorListener listener, LongSupplier clock) {
    return start(target, listener, clock, Thread::new);
  }

  /**
   * @param factory creates the thread of a task
   */
  static Reporter start(
      String target, @Nullable MirrorListener listener, LongSupplier clock, ThreadFactory factory) {
    ReporterThreads threads = new ReporterThreads("mirror-" + target + "-reports", factory);
    ExecutorService executor =
        OnDemandThread.executor(threads, new ArrayBlockingQueue<>(MAX_BACKLOG));
    return new Reporter(target, listener, clock, executor, threads);
  }

  /**
   * Creates a reporter that runs the application's code elsewhere.
   *
   * @param executor has a bounded backlog and rejects what exceeds it
   */
  public Reporter(
      String target,
      @Nullable MirrorListener listener,
      LongSupplier clock,
      ExecutorService executor) {
    this(target, listener, clock, executor, null);
  }

  private Reporter(
      String target,
      @Nullable MirrorListener listener,
      LongSupplier clock,
      ExecutorService executor,
      @Nullable ReporterThreads threads) {
    this.target = target;
    this.listener = listener == null ? null : new GuardedListener(target, listener, clock);
    this.executor = executor;
    this.threads = threads;
  }

  /** Creates the reporter's thread, and knows the latest one. */
  private static final class ReporterThreads implements ThreadFactory {
    private final String name;
    private final ThreadFactory factory;
    private volatile @Nullable Thread latest;

    ReporterThreads(String name, ThreadFactory factory) {
      this.name = name;
      this.factory = factory;
    }

    @Override
    public Thread newThread(Runnable task) {
      Thread created = factory.newThread(task);
      created.setName(name);
      created.setDaemon(true);
      latest = created;
      return created;
    }
  }

  private @Nullable Thread thread() {
    return threads == null ? null : threads.latest;
  }

  /** Returns whether there is a listener. */
  public boolean hasListener() {
    return listener != null;
  }

  /**
   * Reports an event to the listener, or discards it if the backlog is full or there is no memory
   * for a thread. Throws nothing.
   *
   * @param done called once when the event needs no more memory; must not throw exceptions
   */
  public void ended(EndEvent event, Runnable done) {
    GuardedListener receiver = listener;
    if (receiver == null) {
      done.run();
      return;
    }
    Report report = null;
    try {
      report = new Report(receiver, event, done);
      executor.execute(report);
    } catch (Throwable t) {
      if (!executor.isShutdown()) {
        receiver.missed();
      }
      if (report == null) {
        done.run();
      } else {
        report.release();
      }
    }
  }

  /** Runs a task that logs, or discards it, under the same conditions. Throws nothing. */
  @Override
  public void execute(Runnable task) {
    try {
      executor.execute(task);
    } catch (Throwable t) {
      // A line less; the counters are exact.
    }
  }

  /**
   * Waits for the backlog, then interrupts the listener and waits again. Does not wait when called
   * by the listener.
   *
   * @param patience how long to wait each time
   */
  public void close(Duration patience) {
    executor.shutdown();
    if (Thread.currentThread() == thread() || awaitEnd(patience)) {
      return;
    }
    if (listener != null) {
      listener.mute();
    }
    for (Runnable discarded : executor.shutdownNow()) {
      if (discarded instanceof Report report) {
        report.release();
      }
    }
    if (!awaitEnd(patience)) {
      logger.warn("mirror {}: a thread will stop when the listener returns", target);
    }
  }

  /** Waits although the caller is interrupted, because the wait is short. */
  private boolean awaitEnd(Duration patience) {
    long start = System.nanoTime();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          long left = patience.toNanos() - (System.nanoTime() - start);
          return executor.awaitTermination(left, TimeUnit.NANOSECONDS) && hasThreadEnded(left);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** The executor terminates shortly before its thread. */
  private boolean hasThreadEnded(long nanos) throws InterruptedException {
    Thread last = thread();
    if (last != null) {
      TimeUnit.NANOSECONDS.timedJoin(last, nanos);
    }
    return last == null || !last.isAlive();
  }

  /** An event in the backlog. The executor may keep it although it has reported a failure. */
  private static final class Report implements Runnable {
    private final GuardedListener listener;
    private final EndEvent event;
    private final Runnable done;
    private final AtomicBoolean released = new AtomicBoolean();

    Report(GuardedListener listener, EndEvent event, Runnable done) {
      this.listener = listener;
      this.event = event;
      this.done = done;
    }

    @Override
    public void run() {
      try {
        if (!released.get()) {
          listener.onEnd(event);
        }
      } finally {
        release();
      }
    }

    void release() {
      if (released.compareAndSet(false, true)) {
        done.run();
      }
    }
  }
}
