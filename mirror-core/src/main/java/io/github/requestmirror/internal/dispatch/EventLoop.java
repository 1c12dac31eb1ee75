package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.internal.accounting.GuardedLog;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * One thread that runs events one at a time in the order they were submitted. What only it touches
 * needs no lock. Submitting never waits.
 */
final class EventLoop {
  private static final GuardedLog logger = new GuardedLog(EventLoop.class);

  /** A pause after a turn that failed, so that a lasting fault does not spin. */
  private static final long PAUSE_AFTER_FAULT = 100_000_000;

  /**
   * How many events at most before a turn, so that a stream of them holds up nothing that is due.
   */
  private static final int MAX_BATCH = 256;

  private final ConcurrentLinkedQueue<Runnable> events = new ConcurrentLinkedQueue<>();
  private final Thread thread;

  /** Written before the thread starts. */
  private LongSupplier turn = () -> Long.MAX_VALUE;

  /** Set by the thread before its last look at what there is to do, so that others wake it. */
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
   * @param turn runs after each batch of events and returns for how many nanoseconds there is
   *     nothing to do
   */
  void start(LongSupplier turn) {
    this.turn = turn;
    thread.start();
  }

  /** Runs the event soon. After the end it runs at once, in the calling thread. */
  void submit(Runnable event) {
    submitQuietly(event);
    wake();
  }

  /** Runs the event before any later one, but does not hurry for it. */
  void submitQuietly(Runnable event) {
    events.add(event);
    if (finished) {
      runLateEvents();
    }
  }

  /** Takes a turn soon. */
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
   * Ends the thread after the events submitted so far; waits for it, unless called by it, at most
   * so long.
   *
   * @return false when the thread has not ended, because an event takes its time
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
        // The wait is short; the caller learns of the interrupt after it.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return isCurrentThread() || !thread.isAlive();
  }

  /** Interrupts the event that takes its time. */
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
    // What came before the end, while no other thread can wait for it.
    runEvents(Integer.MAX_VALUE);
    finished = true;
    runLateEvents();
  }

  /** After the end any thread may run events, still one at a time. */
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
