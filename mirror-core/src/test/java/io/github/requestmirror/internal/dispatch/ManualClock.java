package io.github.requestmirror.internal.dispatch;

import java.lang.StackWalker.StackFrame;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** A clock that stands still until told; also knows how many turns the dispatcher has begun. */
final class ManualClock implements LongSupplier {
  /** Near the overflow of the nanosecond clock, which must not matter. */
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - Duration.ofSeconds(2).toNanos());

  private final AtomicLong turns = new AtomicLong();

  @Override
  public long getAsLong() {
    if (StackWalker.getInstance().walk(frames -> frames.skip(1).findFirst()).stream()
        .map(StackFrame::getMethodName)
        .anyMatch("turn"::equals)) {
      turns.incrementAndGet();
    }
    return now.get();
  }

  void advance(Duration by) {
    now.addAndGet(by.toNanos());
  }

  long turns() {
    return turns.get();
  }
}
