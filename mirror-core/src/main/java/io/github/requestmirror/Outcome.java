package io.github.requestmirror;

/**
 * The one counted end of a request at a policy.
 *
 * <p>For every target, once nothing is pending: offered = responded + failed + dropped + skipped.
 */
public enum Outcome {
  /** The target responded with 2xx. 202 counts too: an HA tracker discards on purpose with it. */
  ACCEPTED(Kind.RESPONDED),
  /** The target responded with 4xx (or 3xx, which is never followed). */
  REJECTED(Kind.RESPONDED),
  /** The target responded with 429. */
  THROTTLED(Kind.RESPONDED),
  /** The target responded with 5xx. */
  UNAVAILABLE(Kind.RESPONDED),

  /**
   * No response within {@link MirrorTarget#callTimeout()}. The target may still have applied the
   * copy.
   */
  TIMEOUT(Kind.FAILED),
  /**
   * No connection: refused, unresolved, unreachable, or the TLS handshake failed. Also while the
   * mirror's I/O thread has ended and the next one has not been started; the log says why it ended.
   */
  CONNECT_FAILED(Kind.FAILED),
  /**
   * The connection broke before the response, or what the target sent before its final status was
   * not HTTP or exceeded the limit described at {@link
   * MirrorTarget.Builder#maxResponseBytes(long)}.
   */
  IO_ERROR(Kind.FAILED),
  /** {@link Mirror#close()} ended the exchange after its drain time. */
  ABORTED(Kind.FAILED),
  /** A fault inside the mirror. Please report it. */
  INTERNAL_ERROR(Kind.FAILED),

  /** {@link MirrorTarget#bufferBytes()} had no room. */
  BUFFER_FULL(Kind.DROPPED),
  /** The copy grew older than {@link MirrorTarget#maxQueueTime()} before it could be sent. */
  EXPIRED(Kind.DROPPED),
  /** The target is known to be unavailable; nothing was captured. */
  TARGET_DOWN(Kind.DROPPED),
  /** The mirror was closed before the copy could be sent. */
  CLOSED(Kind.DROPPED),

  /** {@link Mirror#enabled(boolean)} is off. */
  DISABLED(Kind.SKIPPED),
  /** The request is itself a copy: it carries the loop marker. */
  LOOP(Kind.SKIPPED),
  /** CONNECT, or an upgrade to another protocol: there is no request to copy. */
  UPGRADE(Kind.SKIPPED),
  /** The policy does not match. */
  NOT_MATCHED(Kind.SKIPPED),
  /** The policy matches but its deny set forbids the endpoint. */
  DENIED(Kind.SKIPPED),
  /** Outside {@link MirrorPolicy.Builder#fraction(double)}. */
  NOT_SAMPLED(Kind.SKIPPED),
  /** A function given to the policy threw or returned something unusable. */
  POLICY_ERROR(Kind.SKIPPED),
  /** The body is larger than {@link MirrorTarget#maxBodyBytes()}. */
  BODY_TOO_LARGE(Kind.SKIPPED),
  /** The primary did not read or send the body to its end, so a copy would be truncated. */
  BODY_INCOMPLETE(Kind.SKIPPED),
  /** The body passed where it cannot be captured, such as multipart parsed by a container. */
  BODY_UNSUPPORTED(Kind.SKIPPED),
  /** The policy waits for the primary's status, and this was not one it wants. */
  PRIMARY_STATUS(Kind.SKIPPED);

  /** The four ends a request can have. */
  public enum Kind {
    /** The target responded. */
    RESPONDED,
    /** Sent or tried, and no response. */
    FAILED,
    /** The policy wanted it; a limit said no. */
    DROPPED,
    /** The policy or the body said no. */
    SKIPPED
  }

  private final Kind kind;

  Outcome(Kind kind) {
    this.kind = kind;
  }

  /**
   * Returns which of the four ends this is.
   *
   * @return the kind, never null
   */
  public Kind kind() {
    return kind;
  }
}
