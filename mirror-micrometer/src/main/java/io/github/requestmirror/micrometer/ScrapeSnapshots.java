package io.github.requestmirror.micrometer;

import java.util.BitSet;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * Takes one snapshot for all meters that a scrape reads. Micrometer does not say when a scrape
 * begins, but a scrape reads each meter once, on one thread. So the first meter that a thread reads
 * takes a snapshot, and the thread's other meters read the same one, until it reads a meter again
 * or the snapshot is a second old. Thread-safe.
 */
final class ScrapeSnapshots {
  static final long MAX_AGE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** A snapshot and the meters that have read it. */
  private record View(Snapshot snapshot, long takenAt, BitSet readers) {}

  private final Supplier<Snapshot> source;
  private final LongSupplier clock;
  private final Consumer<Snapshot> onNew;
  private final AtomicInteger meters = new AtomicInteger();

  /**
   * Guarded by its monitor. Not a thread-local, which would outlive an application's class loader.
   */
  private final Map<Thread, View> views = new WeakHashMap<>();

  /**
   * @param clock in nanoseconds
   * @param onNew called for each snapshot, by the thread that takes it
   */
  ScrapeSnapshots(Supplier<Snapshot> source, LongSupplier clock, Consumer<Snapshot> onNew) {
    this.source = source;
    this.clock = clock;
    this.onNew = onNew;
  }

  /** Returns the function of one meter, which ignores its argument. */
  <T> ToDoubleFunction<T> meter(ToDoubleFunction<Snapshot> value) {
    int meter = meters.getAndIncrement();
    return ignored -> value.applyAsDouble(read(meter));
  }

  private Snapshot read(int meter) {
    Thread reader = Thread.currentThread();
    long now = clock.getAsLong();
    synchronized (views) {
      View view = views.get(reader);
      if (view != null && !isOld(view, now) && !view.readers.get(meter)) {
        view.readers.set(meter);
        return view.snapshot;
      }
    }
    Snapshot snapshot = source.get();
    BitSet readers = new BitSet(meters.get());
    readers.set(meter);
    synchronized (views) {
      // The threads of a pool may never scrape again.
      views.values().removeIf(view -> isOld(view, now));
      views.put(reader, new View(snapshot, now, readers));
    }
    onNew.accept(snapshot);
    return snapshot;
  }

  private static boolean isOld(View view, long now) {
    return now - view.takenAt >= MAX_AGE_NANOS;
  }
}
