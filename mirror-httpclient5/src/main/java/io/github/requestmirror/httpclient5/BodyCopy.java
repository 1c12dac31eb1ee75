package io.github.requestmirror.httpclient5;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Outcome;
import java.nio.ByteBuffer;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * The copy of one call's body. It restarts with each attempt of the client until one attempt has
 * written the complete body. The copy is then held until the call ends, because the call may still
 * be cancelled.
 *
 * <p>Thread-safe: the client may write on one thread and receive the response on another. Under the
 * lock only the capture is called.
 */
final class BodyCopy {
  private static final long UNKNOWN = -1;

  private final Capture capture;
  private final HttpClientContext context;
  private final @Nullable HttpRequest before;
  private final boolean expected;
  private boolean begun;
  private boolean ended;
  private boolean read;
  private boolean complete;
  private long length = UNKNOWN;
  private long written;

  /**
   * @param capture receives the bytes
   * @param context the context of the call
   * @param expected whether the request has a body
   */
  BodyCopy(Capture capture, HttpClientContext context, boolean expected) {
    this.capture = capture;
    this.context = context;
    this.before = context.getRequest();
    this.expected = expected;
    capture.hold();
    if (!expected) {
      complete = true;
      capture.complete();
    }
  }

  /** The client starts to write a body of unknown length. */
  void begin() {
    begin(UNKNOWN);
  }

  /** The client starts an attempt to write the body; a length of -1 is unknown. */
  synchronized void begin(long length) {
    capture.reset();
    this.length = length;
    begun = true;
    ended = false;
    written = 0;
  }

  synchronized void write(byte[] bytes, int offset, int count) {
    capture.write(bytes, offset, count);
    written += count;
  }

  synchronized void write(ByteBuffer bytes) {
    capture.write(bytes);
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
      capture.complete();
    }
    return complete;
  }

  /** The response has arrived, and no more of the body is written. */
  synchronized void responded(int status) {
    if (!completes()) {
      capture.abandon(read && !begun ? Outcome.BODY_UNSUPPORTED : Outcome.BODY_INCOMPLETE);
    }
    capture.primaryResponded(status);
  }

  /**
   * The call ended without a response. The primary may still have applied a request that it
   * received completely. A request without a body was sent only if the client had a connection:
   * only then does it set the request in its context.
   */
  synchronized void withoutResponse() {
    if (!completes() || (!expected && context.getRequest() == before)) {
      capture.abandon(Outcome.BODY_INCOMPLETE);
    }
    capture.primaryResponded(0);
  }

  /** The caller has cancelled the call. */
  synchronized void cancelled() {
    capture.abandon(Outcome.BODY_INCOMPLETE);
    capture.primaryResponded(0);
  }
}
