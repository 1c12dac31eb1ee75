package io.github.requestmirror.internal.dispatch;

import java.lang.StackWalker.StackFrame;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** A clock that only the test advances; also counts the turns that the dispatcher has started. */
final class ManualClock implements LongSupplier {
  /** Close to the overflow of the nanosecond clock, which must have no effect. */
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
