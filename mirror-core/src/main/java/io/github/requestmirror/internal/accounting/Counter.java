package io.github.requestmirror.internal.accounting;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** A {@link LongAdder}, which allocates a cell at contention, and what counts if it cannot. */
final class Counter {
  private final LongAdder adder = new LongAdder();
  private final AtomicLong withoutMemory = new AtomicLong();

  void increment() {
    try {
      adder.increment();
    } catch (OutOfMemoryError e) {
      // Thrown before anything is added.
      withoutMemory.incrementAndGet();
    }
  }

  long sum() {
    return adder.sum() + withoutMemory.get();
  }
}
