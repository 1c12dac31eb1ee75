package io.github.requestmirror;

/**
 * How a request ended for one target. Every request is counted under exactly one outcome.
 *
 * <p>For each target, when nothing is pending: offered = responded + failed + dropped + skipped.
 */
public enum Outcome {
  /**
   * The target responded with 2xx. This includes 202, with which the HA tracker of Cortex responds
   * to samples that it discards.
   */
  ACCEPTED(Kind.RESPONDED),
  /** The target responded with 4xx except 429, or with 3xx; redirects are not followed. */
  REJECTED(Kind.RESPONDED),
  /** The target responded with 429. */
  THROTTLED(Kind.RESPONDED),
  /** The target responded with 5xx. */
  UNAVAILABLE(Kind.RESPONDED),

  /**
   * No response within {@link MirrorTarget#callTimeout()}. The target may have applied the copy.
   */
  TIMEOUT(Kind.FAILED),
  /**
   * No connection: it was refused, the host could not be resolved or reached, or the TLS handshake
   * failed.
   */
  CONNECT_FAILED(Kind.FAILED),
  /**
   * The connection broke before the final status was received, or the target sent something other
   * than HTTP (a status outside of 100 to 599, for example), or more than the limit described at
   * {@link MirrorTarget.Builder#maxResponseBytes(long)}.
   */
  IO_ERROR(Kind.FAILED),
  /** {@link Mirror#close()} aborted the exchange after {@link MirrorTarget#drainTimeout()}. */
  ABORTED(Kind.FAILED),
  /** An error in the mirror itself. Please report it. */
  INTERNAL_ERROR(Kind.FAILED),

  /** The copy would have exceeded {@link MirrorTarget#bufferBytes()}. */
  BUFFER_FULL(Kind.DROPPED),
  /**
   * The copy would have exceeded what its scope may hold of {@link MirrorTarget#bufferBytes()}
   * while other scopes are active: about eight times as much as is free.
   */
  SCOPE_FULL(Kind.DROPPED),
  /**
   * The copy waited longer than {@link MirrorTarget#maxQueueTime()} to be sent, or for five minutes
   * for the primary's response. Or the primary had responded long before its body was complete, and
   * copies that have waited for it have been sent.
   */
  EXPIRED(Kind.DROPPED),
  /**
   * The client, or the primary that reads its body, paused in the middle of the body for longer
   * than {@link MirrorTarget#maxQueueTime()}, so the memory of its capture was released. The
   * request itself is not affected.
   */
  CAPTURE_TOO_SLOW(Kind.DROPPED),
  /** The target was considered unavailable; the request was not captured. */
  TARGET_DOWN(Kind.DROPPED),
  /**
   * Copies of the same scope had failed in a row, or the target had asked for a pause ({@code
   * Retry-After}); the request was not captured.
   */
  SCOPE_DOWN(Kind.DROPPED),
  /** The mirror was closed before the copy was sent. */
  CLOSED(Kind.DROPPED),

  /** Mirroring was switched off by {@link Mirror#enabled(boolean)}. */
  DISABLED(Kind.SKIPPED),
  /** The request is itself a copy: it has the {@linkplain Mirror.Builder#markerHeader marker}. */
  LOOP(Kind.SKIPPED),
  /**
   * CONNECT, a web socket, or a request that the primary responded to with 101 before its copy was
   * sent. What follows is not HTTP and cannot be mirrored. Other requests with {@code Upgrade} are
   * mirrored without it.
   */
  UPGRADE(Kind.SKIPPED),
  /** The policy does not match the request. */
  NOT_MATCHED(Kind.SKIPPED),
  /** The policy matches, but {@linkplain MirrorPolicy.Builder#deny denies} the endpoint. */
  DENIED(Kind.SKIPPED),
  /** The request is not in the sampled {@link MirrorPolicy.Builder#fraction(double)}. */
  NOT_SAMPLED(Kind.SKIPPED),
  /**
   * A function of the policy threw an exception or returned an invalid value, or the request's
   * method, target or header names are not valid HTTP.
   */
  POLICY_ERROR(Kind.SKIPPED),
  /** The body is larger than {@link MirrorTarget#maxBodyBytes()}. */
  BODY_TOO_LARGE(Kind.SKIPPED),
  /** The primary did not read or send the whole body, so the copy would be truncated. */
  BODY_INCOMPLETE(Kind.SKIPPED),
  /** The body could not be captured, for example multipart content parsed by a container. */
  BODY_UNSUPPORTED(Kind.SKIPPED),
  /** The primary's status is not one of {@link MirrorPolicy.Builder#whenPrimaryResponds}. */
  PRIMARY_STATUS(Kind.SKIPPED);

  /** The four groups of outcomes. */
  public enum Kind {
    /** The target responded. */
    RESPONDED,
    /** The copy was sent, or an attempt was made, without a response. */
    FAILED,
    /** The policy selected the request, but a limit prevented the copy. */
    DROPPED,
    /** The request was not to be mirrored, or its body could not be captured. */
    SKIPPED
  }

  private final Kind kind;

  Outcome(Kind kind) {
    this.kind = kind;
  }

  /** Returns the group of this outcome. */
  public Kind kind() {
    return kind;
  }
}
