package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.internal.accounting.GuardedLog;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * A thread that runs events one at a time, in the order in which they were submitted. State used
 * only by events needs no lock. Submitting never blocks.
 */
final class EventLoop {
  private static final GuardedLog logger = new GuardedLog(EventLoop.class);

  /** The pause after a turn that failed, so that a lasting error does not cause a busy loop. */
  private static final long PAUSE_AFTER_FAULT = 100_000_000;

  /**
   * The maximum number of events before a turn, so that a stream of events does not delay timeouts.
   */
  private static final int MAX_BATCH = 256;

  private final ConcurrentLinkedQueue<Runnable> events = new ConcurrentLinkedQueue<>();
  private final Thread thread;

  /** Assigned before the thread starts. */
  private LongSupplier turn = () -> Long.MAX_VALUE;

  /** Set by the thread before it checks for work for the last time, so that others unpark it. */
  private volatile boolean parked;

  private volatile boolean turnWanted;

  private volatile boolean stopped;
  private volatile boolean finished;

  EventLoop(String name) {
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
    if (parked) {
      LockSupport.unpark(thread);
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
    LockSupport.unpark(thread);
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

  /** Interrupts the event that is still running. */
  void interrupt() {
    thread.interrupt();
  }

  private void run() {
    while (!stopped) {
      runEvents(MAX_BATCH);
      turnWanted = false;
      long idle = guardedTurn();
      parked = true;
      // A user's function may leave it set, and parking would not wait then.
      boolean ignored = Thread.interrupted();
      if (events.isEmpty() && !turnWanted && !stopped && idle > 0) {
        LockSupport.parkNanos(this, idle);
      }
      parked = false;
    }
    // Run the events submitted before the end without holding the monitor.
    runEvents(Integer.MAX_VALUE);
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
}
