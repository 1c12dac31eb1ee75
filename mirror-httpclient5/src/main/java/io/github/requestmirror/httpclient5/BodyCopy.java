package io.github.requestmirror.httpclient5;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.Outcome;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The copy of one call's body. It restarts with each attempt of the client until one attempt has
 * written the complete body. The copy is then held until the call ends, because the call may still
 * be cancelled.
 *
 * <p>The capture begins when the client starts to write the body, or when the call ends: the client
 * determines the headers just before.
 *
 * <p>Thread-safe: the client may write on one thread and receive the response on another. Under the
 * lock only the mirror is called.
 */
final class BodyCopy {
  private static final long UNKNOWN = -1;

  private final Mirror mirror;
  private final CallHead head;
  private final boolean expected;
  private @Nullable Capture opened;
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
    this.mirror = mirror;
    this.head = head;
    this.expected = expected;
    this.complete = !expected;
  }

  /** Opens the capture late, because policies need the headers that the client adds last. */
  private Capture capture() {
    return opened == null ? open(head.sent()) : opened;
  }

  private Capture open(ClientHead known) {
    Capture capture = mirror.capture(known);
    opened = capture;
    capture.hold();
    if (!expected) {
      capture.complete();
    }
    return capture;
  }

  /** The client starts to write a body of unknown length. */
  void begin() {
    begin(UNKNOWN);
  }

  /** The client starts an attempt to write the body; a length of -1 is unknown. */
  synchronized void begin(long length) {
    capture().reset();
    this.length = length;
    begun = true;
    ended = false;
    written = 0;
  }

  synchronized void write(byte[] bytes, int offset, int count) {
    capture().write(bytes, offset, count);
    written += count;
  }

  synchronized void write(ByteBuffer bytes) {
    capture().write(bytes);
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

  /** Completes the capture if the complete body has been written; returns whether it has. */
  synchronized boolean completes() {
    if (!complete && begun && (length == UNKNOWN ? ended : length == written)) {
      complete = true;
      capture().complete();
    }
    return complete;
  }

  /** The response has arrived, and no more of the body is written. */
  synchronized void responded(int status) {
    if (!completes()) {
      capture().abandon(read && !begun ? Outcome.BODY_UNSUPPORTED : Outcome.BODY_INCOMPLETE);
    }
    capture().primaryResponded(status);
  }

  /**
   * The call ended without a response. The primary may still have applied a request that it
   * received completely. A request without a body was sent only if the client had a connection.
   */
  synchronized void withoutResponse() {
    if (!completes() || (!expected && !head.isSent())) {
      capture().abandon(Outcome.BODY_INCOMPLETE);
    }
    capture().primaryResponded(0);
  }

  /** The primary responds while the client still writes the body. */
  synchronized void responding(int status) {
    capture().primaryResponded(status);
  }

  /** The caller has cancelled the call, perhaps while the client adds headers to the request. */
  synchronized void cancelled() {
    Capture capture = opened == null ? open(head.own()) : opened;
    capture.abandon(Outcome.BODY_INCOMPLETE);
    capture.primaryResponded(0);
  }
}
