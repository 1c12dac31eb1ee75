package io.github.requestmirror.httpclient5;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.Outcome;
import java.util.function.Supplier;

/**
 * The capture of one call, opened by the first thread that needs it. Opening evaluates the
 * policies, which are the application's code, so no lock is held meanwhile. A thread that ends the
 * call at this moment does not wait: it leaves the end to the thread that opens the capture.
 */
final class LateCapture {
  private enum Stage {
    NEW,
    OPENING,
    /** The call has ended while the capture is being opened. */
    ENDED_MEANWHILE,
    OPEN
  }

  private final Mirror mirror;

  /** When the call began. */
  private final long startNanos = System.nanoTime();

  private volatile Capture capture = Capture.none();
  private Stage stage = Stage.NEW;
  private int status;

  LateCapture(Mirror mirror) {
    this.mirror = mirror;
  }

  /**
   * Opens a capture. Throws nothing, whatever the application's code throws.
   *
   * @param startNanos when the call began
   */
  static Capture open(Mirror mirror, Supplier<ClientHead> head, long startNanos) {
    Capture opened = Capture.none();
    try {
      opened = mirror.capture(head.get(), startNanos);
      // The caller may cancel the call until it gets the response.
      opened.hold();
    } catch (Throwable t) {
      // Probably out of memory. It must not reach the primary.
    }
    return opened;
  }

  /** Opens the capture unless a thread has already begun to do so. */
  void open(Supplier<ClientHead> head) {
    synchronized (this) {
      if (stage != Stage.NEW) {
        return;
      }
      stage = Stage.OPENING;
    }
    Capture opened = open(mirror, head, startNanos);
    synchronized (this) {
      if (stage == Stage.OPENING) {
        capture = opened;
        stage = Stage.OPEN;
        return;
      }
    }
    opened.abandon(Outcome.BODY_INCOMPLETE);
    opened.primaryResponded(status);
  }

  /** Returns the capture; none before it is open, and if the call ended meanwhile. */
  Capture get() {
    return capture;
  }

  /**
   * Lets a thread that is opening the capture abandon it.
   *
   * @param status the status of the primary's response, or 0 if there is none
   * @return whether a thread is opening the capture, so that the caller has nothing to do
   */
  synchronized boolean endsWhileOpening(int status) {
    if (stage == Stage.OPENING) {
      stage = Stage.ENDED_MEANWHILE;
      this.status = status;
    }
    return stage == Stage.ENDED_MEANWHILE;
  }
}
