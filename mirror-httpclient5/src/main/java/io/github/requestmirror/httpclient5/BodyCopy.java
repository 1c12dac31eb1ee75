package io.github.requestmirror.httpclient5;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Outcome;
import java.nio.ByteBuffer;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * The copy of one call's body: follows the client from attempt to attempt until one has written the
 * body to its end. The copy is then held until the call is over, because it may yet be cancelled.
 *
 * <p>The client may write on one thread and hear of the response on another; no method calls
 * anything but the capture.
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
   * @param capture where the bytes go
   * @param context the call's
   * @param expected whether there is a body
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

  /** The client begins to write a body that ends when it says so. */
  void begin() {
    begin(UNKNOWN);
  }

  /** The client begins to write the body, perhaps anew; it ends after so many bytes, unless -1. */
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

  /** The client says whether the body is at its end. */
  synchronized void ended(boolean ended) {
    this.ended = ended;
  }

  /** Somebody reads the body instead of having it written. */
  synchronized void read() {
    read = true;
  }

  /** Completes the capture if the primary has been given the whole body; tells whether it has. */
  synchronized boolean completes() {
    if (!complete && begun && (length == UNKNOWN ? ended : length == written)) {
      complete = true;
      capture.complete();
    }
    return complete;
  }

  /** The call has its response, and no more of the body comes. */
  synchronized void responded(int status) {
    if (!completes()) {
      capture.abandon(read && !begun ? Outcome.BODY_UNSUPPORTED : Outcome.BODY_INCOMPLETE);
    }
    capture.primaryResponded(status);
  }

  /**
   * The call is over without a response. The primary may have applied what it was given whole.
   * Without a body, that is when the client had a connection: only then does it say in its context
   * what it executes.
   */
  synchronized void withoutResponse() {
    if (!completes() || (!expected && context.getRequest() == before)) {
      capture.abandon(Outcome.BODY_INCOMPLETE);
    }
    capture.primaryResponded(0);
  }

  /** Nobody wants the call any more. */
  synchronized void cancelled() {
    capture.abandon(Outcome.BODY_INCOMPLETE);
    capture.primaryResponded(0);
  }
}
