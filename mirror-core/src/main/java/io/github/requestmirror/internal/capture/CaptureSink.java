package io.github.requestmirror.internal.capture;

import io.github.requestmirror.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * Receives what a capture takes for one target. Called by any thread, one call at a time: the
 * capture's monitor orders them. No method blocks or throws, except for an {@code Error}.
 */
public interface CaptureSink {

  /** Returns the largest body that this target takes, in bytes. */
  long maxBodyBytes();

  /** Tells whether the copy is held until the primary has responded, and its status decides. */
  boolean waitsForPrimary();

  /** Tells whether the copy is wanted when the primary responded with this status. */
  boolean wantsPrimaryStatus(int status);

  /** Holds the copy until {@link #primaryAccepted}, whatever the status. Before the hand-over. */
  void hold();

  /** Charges the target for more of the body; false where it has no room. */
  boolean reserve(int bytes);

  /** Gives back what {@link #reserve} charged. */
  void releaseBody();

  /** Hands over the complete body. At most once. */
  void captured(Body body);

  /** The primary is about to send its response. */
  void primaryResponding();

  /** The primary's response lets a held copy go. */
  void primaryAccepted();

  /**
   * Ends the copy.
   *
   * @param capturedBytes how much of the body had been captured
   */
  void abandon(Outcome outcome, long capturedBytes, @Nullable Throwable cause);
}
