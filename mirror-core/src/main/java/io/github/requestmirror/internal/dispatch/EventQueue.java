package io.github.requestmirror.internal.dispatch;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Events in the order in which they were added. Any thread adds, one at a time polls. Needs no
 * memory, because the events are linked by a field of their own; never blocks.
 */
final class EventQueue {
  /** The events that {@link #poll} has not seen yet, newest first. */
  private final AtomicReference<@Nullable CopyEvent> added = new AtomicReference<>();

  /** The events to poll next, oldest first. */
  private @Nullable CopyEvent next;

  /** Adds an event that has not been added before. */
  void add(CopyEvent event) {
    CopyEvent newest;
    do {
      newest = added.get();
      event.next = newest;
    } while (!added.compareAndSet(newest, event));
  }

  /** Removes and returns the oldest event, or returns null. */
  @Nullable CopyEvent poll() {
    if (next == null) {
      next = reverse(added.getAndSet(null));
    }
    CopyEvent polled = next;
    if (polled != null) {
      next = polled.next;
      polled.next = null;
    }
    return polled;
  }

  private static @Nullable CopyEvent reverse(@Nullable CopyEvent newest) {
    CopyEvent oldest = null;
    for (CopyEvent event = newest; event != null; ) {
      CopyEvent older = event.next;
      event.next = oldest;
      oldest = event;
      event = older;
    }
    return oldest;
  }

  /** Called only by the polling thread. */
  boolean isEmpty() {
    return next == null && added.get() == null;
  }
}
