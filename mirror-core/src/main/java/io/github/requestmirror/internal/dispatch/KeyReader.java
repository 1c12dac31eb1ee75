package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.OrderKeys;
import io.github.requestmirror.internal.accounting.GuardedLog;
import io.github.requestmirror.internal.capture.Body;
import io.github.requestmirror.internal.ordering.KeySet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Reads the keys of bodies, one body at a time, on a thread of its own, because it takes time and
 * may be the application's code. Without memory or a thread it reads nothing for a while: the order
 * needs no keys, it only sends less at the same time.
 *
 * <p>The dispatcher's thread calls all methods but the counters. It receives the end of a read as
 * an event, and then calls {@link #take}.
 */
final class KeyReader {
  private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(100);

  private final ExecutorService executor;
  private final EventLoop loop;
  private final GuardedLog logger;
  private final AtomicLong read = new AtomicLong();
  private final AtomicLong unreadable = new AtomicLong();

  private boolean reading;
  private boolean paused;
  private long pausedUntil;

  /** The result of a read. The event loop publishes it; null without memory. */
  private @Nullable KeySet<Copy> result;

  /**
   * @param executor runs one task at a time; at most one waits
   */
  KeyReader(ExecutorService executor, EventLoop loop, GuardedLog logger) {
    this.executor = executor;
    this.loop = loop;
    this.logger = logger;
  }

  /** Returns the nanoseconds until a read may start without an event. */
  long untilReady(long now) {
    if (reading) {
      return Long.MAX_VALUE;
    }
    return paused ? Math.max(0, pausedUntil - now) : 0;
  }

  /** Starts to read the keys of a copy, or pauses if that is not possible. */
  void start(Copy copy, KeySet<Copy> keys, long now) {
    reading = true;
    paused = false;
    try {
      executor.execute(new Read(copy, copy.requireBody(), copy.requireOrderKeys(), keys));
    } catch (Throwable t) {
      // Closed, or out of memory or threads.
      reading = false;
      pause(now);
    }
  }

  /** Ends a read; returns the keys, or null if it has to be repeated. */
  @Nullable KeySet<Copy> take(long now) {
    KeySet<Copy> keys = result;
    result = null;
    reading = false;
    if (keys == null) {
      pause(now);
    }
    return keys;
  }

  void pause(long now) {
    paused = true;
    pausedUntil = now + PAUSE;
  }

  /** Returns the number of bodies whose keys have been read. */
  long read() {
    return read.get();
  }

  /** Returns the number of bodies whose keys could not be read. */
  long unreadable() {
    return unreadable.get();
  }

  void close() {
    executor.shutdownNow();
  }

  private final class Read implements Runnable {
    private final Copy copy;
    private final Body body;
    private final OrderKeys source;
    private final KeySet<Copy> keys;
    private final CopyEvent ended;

    Read(Copy copy, Body body, OrderKeys source, KeySet<Copy> keys) {
      this.copy = copy;
      this.body = body;
      this.source = source;
      this.keys = keys;
      this.ended = new CopyEvent(copy, CopyEvent.Kind.KEYS_READ);
    }

    @Override
    public void run() {
      try {
        if (!copy.hasEnded()) {
          keys.seal(isComplete());
          (keys.isKnown() ? read : unreadable).incrementAndGet();
        }
        result = keys;
      } catch (Throwable t) {
        // Out of memory.
        result = null;
      } finally {
        loop.submit(ended);
      }
    }

    private boolean isComplete() {
      try {
        return source.keys(copy.head(), body.inputStream(), keys);
      } catch (OutOfMemoryError e) {
        throw e;
      } catch (Throwable t) {
        logger.debug("the keys of a body could not be read", t);
        return false;
      }
    }
  }
}
