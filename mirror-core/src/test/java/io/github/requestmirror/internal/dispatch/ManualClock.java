package io.github.requestmirror.internal.dispatch;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A clock that only the test advances. */
final class ManualClock implements LongSupplier {
  /** Close to the overflow of the nanosecond clock, which must have no effect. */
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - Duration.ofSeconds(2).toNanos());

  private @Nullable Runnable onNextRead;

  /** Runs an action, on the thread that reads the clock next. */
  void onNextRead(Runnable action) {
    onNextRead = action;
  }

  @Override
  public long getAsLong() {
    Runnable action = onNextRead;
    if (action != null) {
      onNextRead = null;
      action.run();
    }
    return now.get();
  }

  void advance(Duration by) {
    now.addAndGet(by.toNanos());
  }
}
