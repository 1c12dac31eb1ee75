package io.github.requestmirror.internal.capture;

import java.util.concurrent.atomic.AtomicLong;

/** The memory limit of one target, in bytes. Thread-safe and non-blocking. */
public final class ByteBudget {
  private final long limit;
  private final AtomicLong used = new AtomicLong();

  public ByteBudget(long limit) {
    this.limit = limit;
  }

  public boolean hasRoomFor(long bytes) {
    return bytes <= limit - used.get();
  }

  /** Returns the bytes that are not in use. */
  public long free() {
    return limit - used.get();
  }

  public boolean tryReserve(long bytes) {
    long before;
    do {
      before = used.get();
      if (bytes > limit - before) {
        return false;
      }
    } while (!used.compareAndSet(before, before + bytes));
    return true;
  }

  public void release(long bytes) {
    used.addAndGet(-bytes);
  }

  public long used() {
    return used.get();
  }
}
