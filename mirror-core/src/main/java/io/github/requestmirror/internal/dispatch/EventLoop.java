package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.internal.accounting.GuardedLog;
import io.github.requestmirror.internal.send.Sender;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * A thread that runs events one at a time, in the order in which they were submitted, and the I/O
 * of a sender between them. State used only by events and by the sender needs no lock. Submitting
 * never blocks.
 */
final class EventLoop {
  /** The pause after a failure, so that a lasting error does not cause a busy loop. */
  private static final long PAUSE_AFTER_FAULT = 100_000_000;

  /**
   * The maximum number of events before a turn, so that a stream of events does not delay timeouts
   * and I/O.
   */
  private static final int MAX_BATCH = 256;

  private final ConcurrentLinkedQueue<Runnable> events = new ConcurrentLinkedQueue<>();
  private final Sender sender;
  private final GuardedLog logger;
  private final Thread thread;

  /** Assigned before the thread starts. */
  private LongSupplier turn = () -> Long.MAX_VALUE;

  /**
   * Whether the thread is about to wait. Set before it checks for work for the last time; cleared
   * by the first thread that wakes it, so that one wait costs at most one wake-up.
   */
  private final AtomicBoolean waiting = new AtomicBoolean();

  private volatile boolean turnWanted;

  private volatile boolean stopped;
  private volatile boolean finished;

  /**
   * @param sender used only by the loop's thread, except for {@link Sender#wakeUp}; closed at its
   *     end
   * @param reports runs the application's appenders
   */
  EventLoop(String name, Sender sender, Executor reports) {
    this.sender = sender;
    this.logger = new GuardedLog(EventLoop.class, reports);
    this.thread = new Thread(this::run, name);
    thread.setDaemon(true);
  }

  /**
   * Starts the thread.
   *
   * @param turn runs after each batch of events and returns the nanoseconds until the next turn is
   *     due without an event
   */
  void start(LongSupplier turn) {
    this.turn = turn;
    thread.start();
  }

  /** Submits an event. After the end of the thread, runs it on the calling thread. */
  void submit(Runnable event) {
    submitQuietly(event);
    wake();
  }

  /** Submits an event without waking the thread: it runs before all later events. */
  void submitQuietly(Runnable event) {
    events.add(event);
    if (finished) {
      runLateEvents();
    }
  }

  /** Requests a turn without an event. */
  void turnSoon() {
    turnWanted = true;
    wake();
  }

  private void wake() {
    if (waiting.get() && waiting.compareAndSet(true, false)) {
      sender.wakeUp();
    }
  }

  boolean isCurrentThread() {
    return Thread.currentThread() == thread;
  }

  boolean isFinished() {
    return finished;
  }

  /**
   * Stops the thread after the events submitted so far, and waits for its end, unless called by the
   * thread itself.
   *
   * @return false if the wait timed out because an event is still running
   */
  boolean stop(Duration atMost) {
    stopped = true;
    sender.wakeUp();
    long start = System.nanoTime();
    boolean interrupted = false;
    while (!isCurrentThread() && thread.isAlive()) {
      long left = atMost.toNanos() - (System.nanoTime() - start);
      if (left <= 0) {
        break;
      }
      try {
        TimeUnit.NANOSECONDS.timedJoin(thread, left);
      } catch (InterruptedException e) {
        // The wait is short: continue it, then restore the interrupt.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return isCurrentThread() || !thread.isAlive();
  }

  private void run() {
    while (!stopped) {
      runEvents(MAX_BATCH);
      turnWanted = false;
      long idle = guardedTurn();
      waiting.set(true);
      boolean hasWork = !events.isEmpty() || turnWanted || stopped;
      guardedAwait(hasWork ? 0 : idle);
      waiting.set(false);
    }
    // Run the events submitted before the end without holding the monitor.
    runEvents(Integer.MAX_VALUE);
    closeSender();
    finished = true;
    runLateEvents();
  }

  /** Runs the events submitted after the end, on any thread but one at a time. */
  private synchronized void runLateEvents() {
    runEvents(Integer.MAX_VALUE);
  }

  private void runEvents(int atMost) {
    for (int i = 0; i < atMost; i++) {
      Runnable event = events.poll();
      if (event == null) {
        return;
      }
      try {
        event.run();
      } catch (Throwable t) {
        logger.warn("an event of {} failed", thread.getName(), t);
      }
    }
  }

  private long guardedTurn() {
    try {
      return turn.getAsLong();
    } catch (Throwable t) {
      logger.warn("a turn of {} failed", thread.getName(), t);
      return PAUSE_AFTER_FAULT;
    }
  }

  private void guardedAwait(long nanos) {
    // If it were set, no wait would take place and I/O would close its connection.
    boolean ignored = Thread.interrupted();
    try {
      sender.await(nanos);
    } catch (Throwable t) {
      logger.warn("the I/O of {} failed", thread.getName(), t);
      LockSupport.parkNanos(this, PAUSE_AFTER_FAULT);
    }
  }

  private void closeSender() {
    try {
      sender.close();
    } catch (Throwable t) {
      logger.warn("failed to close the sender of {}", thread.getName(), t);
    }
  }
}
