package io.github.requestmirror.internal.capture;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * Free room in the last chunk of a body, which the thread that writes the body fills byte by byte
 * without the capture's monitor. The memory of the room is charged, and no limit is exceeded within
 * it. One thread adds at a time; the others look at what has been added while they hold the
 * monitor.
 */
final class OpenRoom {
  private static final AtomicIntegerFieldUpdater<OpenRoom> ADDED =
      AtomicIntegerFieldUpdater.newUpdater(OpenRoom.class, "added");

  private final byte[] chunk;
  private final int start;
  private final int length;

  private volatile int added;

  /** How many of the added bytes belong to the body. Guarded by the monitor. */
  private int taken;

  OpenRoom(byte[] chunk, int start, int length) {
    this.chunk = chunk;
    this.start = start;
    this.length = length;
  }

  /** Returns false if there is no room. */
  boolean add(byte single) {
    int index = added;
    if (index >= length) {
      return false;
    }
    chunk[start + index] = single;
    // Publishes the byte, and is much cheaper than a volatile write.
    ADDED.lazySet(this, index + 1);
    return true;
  }

  /** Returns the number of bytes that have been added since the last call. */
  int take() {
    int now = added;
    int more = now - taken;
    taken = now;
    return more;
  }
}
