package io.github.requestmirror.internal.dispatch;

/** What a dispatcher shows of its state. Written by its thread, read by any. */
final class DispatchGauges {
  private volatile int forOrder;
  private volatile int forPlace;
  private volatile int forPrimary;
  private volatile int forRetry;
  private volatile int inFlight;
  private volatile boolean hasOldest;
  private volatile long oldestSince;
  private volatile long keyBytes;

  /**
   * @param placesAreFree whether copies could be sent if the order permitted it
   */
  void waiting(int queued, int heldForPrimary, int forRetry, boolean placesAreFree) {
    forOrder = placesAreFree ? queued : 0;
    forPlace = placesAreFree ? 0 : queued;
    forPrimary = heldForPrimary;
    this.forRetry = forRetry;
  }

  void inFlight(int count) {
    inFlight = count;
  }

  void noOldest() {
    hasOldest = false;
  }

  void oldestSince(long since) {
    oldestSince = since;
    hasOldest = true;
  }

  void keyBytes(long bytes) {
    keyBytes = bytes;
  }

  /** Returns the copies that are neither being captured nor in flight. */
  WaitingCopies waiting(long now) {
    long oldest = hasOldest ? Math.max(0, now - oldestSince) : 0;
    return new WaitingCopies(forOrder, forPlace, forRetry, forPrimary, oldest);
  }

  int inFlight() {
    return inFlight;
  }

  /** Returns the memory of the keys of waiting copies, in bytes. */
  long keyBytes() {
    return keyBytes;
  }
}
