package io.github.requestmirror.internal.accounting;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorListener;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Calls the user's listener and survives its exceptions: they are logged, at most once in ten
 * seconds. Confined to the reporter's thread, except for {@link #missed} and {@link #mute}.
 */
final class GuardedListener {
  private static final GuardedLog logger = new GuardedLog(Mirror.class);
  private static final long LOG_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final String target;
  private final MirrorListener listener;
  private final LongSupplier clock;
  private long failures;
  private long nextLogAt;
  private final AtomicLong missed = new AtomicLong();
  private volatile boolean muted;

  GuardedListener(String target, MirrorListener listener, LongSupplier clock) {
    this.target = target;
    this.listener = listener;
    this.clock = clock;
    this.nextLogAt = clock.getAsLong();
  }

  void onEnd(EndEvent event) {
    if (muted) {
      return;
    }
    Throwable failure = null;
    try {
      listener.onEnd(event);
    } catch (Throwable t) {
      failures++;
      failure = t;
    }
    if (failure != null || missed.get() > 0) {
      log(failure);
    }
  }

  private void log(@Nullable Throwable failure) {
    long now = clock.getAsLong();
    if (now - nextLogAt < 0) {
      return;
    }
    nextLogAt = now + LOG_INTERVAL_NANOS;
    if (failure != null) {
      logger.warn(
          "mirror {}: the listener threw an exception ({} so far)", target, failures, failure);
    }
    long discarded = missed.getAndSet(0);
    if (discarded > 0) {
      logger.warn(
          "mirror {}: the listener is too slow; {} events were not reported", target, discarded);
    }
  }

  /** Counts an event that is not reported because too many wait. May be called by any thread. */
  void missed() {
    missed.incrementAndGet();
  }

  /** Stops calling the listener. May be called by any thread. */
  void mute() {
    muted = true;
  }
}
