package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.internal.accounting.GuardedLog;
import io.github.requestmirror.internal.send.Sender;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Processes the events of copies, does what is due, and then the I/O of a sender, in rounds that
 * follow each other. State used only by the work and by the sender needs no lock. Submitting never
 * blocks, needs no memory and throws nothing.
 */
final class EventLoop {
  /**
   * The maximum number of events before a turn, so that a stream of events does not delay timeouts
   * and I/O.
   */
  private static final int MAX_BATCH = 256;

  /** The pause after a failure, so that a lasting error does not cause a busy loop. */
  static final long PAUSE_AFTER_FAILURE = TimeUnit.MILLISECONDS.toNanos(100);

  /** The work of a pipeline. Called by one thread at a time. */
  interface Work {
    void process(CopyEvent event);

    /** Does what is due; returns the nanoseconds until more may be due without an event. */
    long turn();

    /** Ends all copies. Events may be processed afterwards. */
    void close();
  }

  private final EventQueue events = new EventQueue();
  private final Sender sender;
  private final LoopDriver driver;
  private final GuardedLog logger;
  private final String name;

  /** Assigned before the first round. */
  private @Nullable Work work;

  /**
   * Whether the loop is about to wait, until its next round. Set before it checks for work for the
   * last time; cleared by the first thread that wakes it, so that one wait costs at most one
   * wake-up.
   */
  private final AtomicBoolean waiting = new AtomicBoolean();

  private volatile boolean turnWanted;
  private volatile boolean stopped;
  private volatile boolean finished;

  /**
   * @param sender used only between events, except for {@link Sender#wakeUp}; closed at the end
   */
  EventLoop(String name, Sender sender, LoopDriver driver, GuardedLog logger) {
    this.name = name;
    this.sender = sender;
    this.driver = driver;
    this.logger = logger;
  }

  void start(Work work) {
    this.work = work;
    driver.start(this);
  }

  /**
   * Submits an event, at most once. After the end of the loop, processes it on the calling thread.
   */
  void submit(CopyEvent event) {
    submitQuietly(event);
    wakeUp();
  }

  /** Submits an event without waking the thread: it is processed before all later events. */
  void submitQuietly(CopyEvent event) {
    events.add(event);
    if (finished) {
      processLateEvents();
    }
  }

  /** Requests a turn without an event. */
  void turnSoon() {
    turnWanted = true;
    wakeUp();
  }

  /** Wakes the thread for the events that were submitted quietly. */
  void wakeUp() {
    if (waiting.get() && waiting.compareAndSet(true, false)) {
      wakeSender();
    }
  }

  /** Called by primaries too, so it does not even log. */
  private void wakeSender() {
    try {
      sender.wakeUp();
    } catch (Throwable t) {
      // Probably out of memory: the next event tries again.
      waiting.set(true);
    }
  }

  /** Requests the end of the loop, after the events submitted so far. */
  void stop() {
    stopped = true;
    wakeSender();
  }

  boolean isStopped() {
    return stopped;
  }

  boolean isFinished() {
    return finished;
  }

  LoopDriver driver() {
    return driver;
  }

  /**
   * Runs one round. What its parts throw is logged; without memory for that, it is thrown.
   *
   * @return false if the I/O failed, so that the next round should wait a little
   */
  boolean runOnce() {
    waiting.set(false);
    process(MAX_BATCH);
    turnWanted = false;
    long idle = PAUSE_AFTER_FAILURE;
    try {
      idle = requireWork().turn();
    } catch (Throwable t) {
      failed("a turn", t);
    }
    waiting.set(true);
    try {
      boolean hasWork = !events.isEmpty() || turnWanted || stopped;
      sender.await(hasWork ? 0 : idle);
      return true;
    } catch (Throwable t) {
      failed("the I/O", t);
      return false;
    }
  }

  /** Ends the loop. */
  void finish() {
    process(Integer.MAX_VALUE);
    try {
      requireWork().close();
    } catch (Throwable t) {
      failed("the shutdown", t);
    }
    try {
      sender.close();
    } catch (Throwable t) {
      failed("closing the sender", t);
    }
    finished = true;
    processLateEvents();
  }

  /** Processes the events submitted after the end, on any thread but one at a time. */
  private synchronized void processLateEvents() {
    process(Integer.MAX_VALUE);
  }

  private void process(int atMost) {
    for (int i = 0; i < atMost; i++) {
      CopyEvent event = events.poll();
      if (event == null) {
        return;
      }
      try {
        requireWork().process(event);
      } catch (Throwable t) {
        failed("an event", t);
      }
    }
  }

  private Work requireWork() {
    Work started = work;
    if (started == null) {
      throw new IllegalStateException("the loop has not been started");
    }
    return started;
  }

  private void failed(String what, Throwable cause) {
    try {
      logger.warn("{} of {} failed", what, name, cause);
    } catch (Throwable t) {
      // Out of memory: there is no line about it.
    }
  }
}
