package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.OrderKeys;
import io.github.requestmirror.internal.accounting.GuardedLog;
import io.github.requestmirror.internal.capture.Body;
import io.github.requestmirror.internal.ordering.KeySet;
import io.github.requestmirror.internal.ordering.Ordering;
import io.github.requestmirror.internal.ordering.Ticket;
import java.io.InputStream;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Reads the keys that the order asks for, from one body at a time, on a thread of its own, because
 * it takes time and may be the application's code. Without memory or a thread it pauses: the order
 * needs no keys, it only lets fewer copies go at the same time.
 *
 * <p>The dispatcher's thread calls all methods but the counters.
 */
final class KeyReader {
  private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(100);

  private final Ordering<Copy> ordering;
  private final ExecutorService executor;
  private final EventLoop loop;
  private final GuardedLog logger;
  private final AtomicLong read = new AtomicLong();
  private final AtomicLong unreadable = new AtomicLong();

  private boolean reading;
  private boolean paused;
  private long pausedUntil;

  /** The result of a read; null if it found no memory. Published by the event of its end. */
  private @Nullable KeySet<Copy> result;

  /**
   * @param executor runs one task at a time
   */
  KeyReader(Ordering<Copy> ordering, ExecutorService executor, EventLoop loop, GuardedLog logger) {
    this.ordering = ordering;
    this.executor = executor;
    this.loop = loop;
    this.logger = logger;
  }

  /** Starts to read the next body, if there is one and none is being read. */
  void readNext(long now) {
    if (untilReady(now) > 0) {
      return;
    }
    paused = false;
    try {
      Ticket<Copy> next = ordering.nextToRead(now);
      if (next != null) {
        executor.execute(new Read(next.copy(), ordering.newKeySet()));
        reading = true;
      }
    } catch (Throwable t) {
      // Closed, or out of memory or threads.
      pause(now);
    }
  }

  /** Receives the event of the end of a read. */
  void ended(Copy copy, long now) {
    KeySet<Copy> keys = result;
    result = null;
    reading = false;
    try {
      if (keys == null) {
        pause(now);
      } else {
        ordering.read(copy.ticket(), keys);
      }
    } catch (OutOfMemoryError e) {
      pause(now);
    }
  }

  private void pause(long now) {
    paused = true;
    pausedUntil = now + PAUSE;
  }

  /** Returns the nanoseconds until {@link #readNext} may have an effect without an event. */
  long untilNext(long now) {
    return Math.max(untilReady(now), ordering.untilRead(now));
  }

  private long untilReady(long now) {
    if (reading) {
      return Long.MAX_VALUE;
    }
    return paused ? pausedUntil - now : 0;
  }

  /** Returns the number of bodies whose keys have been read. Any thread. */
  long read() {
    return read.get();
  }

  /** Returns the number of bodies whose keys could not be read. Any thread. */
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

    Read(Copy copy, KeySet<Copy> keys) {
      this.copy = copy;
      this.body = copy.requireBody();
      // Its memory may be used for another body after the end of the copy.
      body.retain();
      this.source = copy.requireOrderKeys();
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
        body.release();
      }
    }

    private boolean isComplete() {
      try (InputStream stream = body.inputStream()) {
        return source.keys(copy.head(), stream, keys);
      } catch (OutOfMemoryError e) {
        throw e;
      } catch (Throwable t) {
        logger.debug("the keys of a body could not be read", t);
        return false;
      }
    }
  }
}
