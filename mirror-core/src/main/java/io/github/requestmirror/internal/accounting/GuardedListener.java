package io.github.requestmirror.internal.accounting;

import io.github.requestmirror.MirrorListener;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Calls the user's listener and survives its exceptions: they are logged, at most once in ten
 * seconds. Confined to the pipeline's thread, except for {@link #mute}.
 */
public final class GuardedListener {
  private static final GuardedLog logger = new GuardedLog(GuardedListener.class);
  private static final long LOG_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final String target;
  private final MirrorListener listener;
  private final LongSupplier clock;
  private long failures;
  private long nextLogAt;
  private volatile boolean muted;

  public GuardedListener(String target, MirrorListener listener, LongSupplier clock) {
    this.target = target;
    this.listener = listener;
    this.clock = clock;
    this.nextLogAt = clock.getAsLong();
  }

  public void onEnd(EndEvent event) {
    if (muted) {
      return;
    }
    try {
      listener.onEnd(event);
    } catch (Throwable t) {
      failures++;
      long now = clock.getAsLong();
      if (now - nextLogAt >= 0) {
        nextLogAt = now + LOG_INTERVAL_NANOS;
        logger.warn("mirror {}: the listener threw an exception ({} so far)", target, failures, t);
      }
    }
  }

  /** Stops calling the listener. May be called by any thread. */
  public void mute() {
    muted = true;
  }
}
