package io.github.requestmirror.httpclient5;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.Outcome;
import java.nio.ByteBuffer;

/**
 * The copy of one call's body. It restarts with each attempt of the client until one attempt has
 * written the complete body. The copy is then held until the call ends, because the call may still
 * be cancelled.
 *
 * <p>The capture is opened when the client starts to write the body, or when the call ends: the
 * client determines the headers just before.
 *
 * <p>Thread-safe: the client may write on one thread and receive the response on another. Under the
 * lock only the capture is called, never the application's code.
 */
final class BodyCopy {
  private static final long UNKNOWN = -1;

  private final LateCapture capture;
  private final CallHead head;
  private final boolean expected;
  private boolean begun;
  private boolean ended;
  private boolean read;
  private boolean complete;
  private long length = UNKNOWN;
  private long written;

  /**
   * @param mirror captures the call
   * @param head the head of the call
   * @param expected whether the request has a body
   */
  BodyCopy(Mirror mirror, CallHead head, boolean expected) {
    this.capture = new LateCapture(mirror);
    this.head = head;
    this.expected = expected;
  }

  /** The client starts to write a body of unknown length. */
  void begin() {
    begin(UNKNOWN);
  }

  /** The client starts an attempt to write the body; a length of -1 is unknown. */
  void begin(long length) {
    capture.open(head::sent);
    synchronized (this) {
      capture.get().reset();
      this.length = length;
      begun = true;
      ended = false;
      written = 0;
    }
  }

  /**
   * Returns whether bytes are still copied. Once false after {@link #begin}, it stays false, and
   * bytes need not be passed.
   */
  boolean active() {
    return capture.get().active();
  }

  synchronized void write(byte[] bytes, int offset, int count) {
    capture.get().write(bytes, offset, count);
    written += count;
  }

  synchronized void write(ByteBuffer bytes) {
    capture.get().write(bytes);
    written += bytes.remaining();
    if (length == written) {
      completes();
    }
  }

  /** Sets whether the client has ended the body. */
  synchronized void ended(boolean ended) {
    this.ended = ended;
  }

  /** Another handler reads the body. */
  synchronized void read() {
    read = true;
  }

  /** Completes the capture if the complete body has been written. */
  synchronized void complete() {
    completes();
  }

  private boolean completes() {
    if (!complete && (!expected || (begun && (length == UNKNOWN ? ended : length == written)))) {
      complete = true;
      capture.get().complete();
    }
    return complete;
  }

  /**
   * The response has arrived.
   *
   * @param bodyEnds whether no more of the body is written
   */
  void responded(int status, boolean bodyEnds) {
    capture.open(head::sent);
    if (capture.endsWhileOpening(status)) {
      return;
    }
    synchronized (this) {
      if (!completes() && bodyEnds) {
        capture.get().abandon(read && !begun ? Outcome.BODY_UNSUPPORTED : Outcome.BODY_INCOMPLETE);
      }
      capture.get().primaryResponded(status);
    }
  }

  /**
   * The call ended without a response. The primary may still have applied a request that it
   * received completely. A request without a body was sent only if the client had a connection.
   */
  void withoutResponse() {
    capture.open(head::sent);
    if (capture.endsWhileOpening(0)) {
      return;
    }
    synchronized (this) {
      if (!completes() || (!expected && !head.isSent())) {
        capture.get().abandon(Outcome.BODY_INCOMPLETE);
      }
      capture.get().primaryResponded(0);
    }
  }

  /** The caller has cancelled the call, perhaps while the client adds headers to the request. */
  void cancelled() {
    capture.open(head::own);
    if (!capture.endsWhileOpening(0)) {
      capture.get().abandon(Outcome.BODY_INCOMPLETE);
      capture.get().primaryResponded(0);
    }
  }
}
