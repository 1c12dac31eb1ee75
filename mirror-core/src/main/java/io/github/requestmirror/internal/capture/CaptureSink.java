package io.github.requestmirror.internal.capture;

import io.github.requestmirror.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * Receives the events of a capture for one target. May be called by any thread; the capture's
 * monitor serializes the calls. No method blocks, or throws anything except an {@code Error}.
 */
public interface CaptureSink {

  /** Returns the size of the largest body that is mirrored to this target, in bytes. */
  long maxBodyBytes();

  /** Returns whether the status of the primary's response decides if the copy is sent. */
  boolean waitsForPrimary();

  /** Returns whether the copy is sent when the primary responds with this status. */
  boolean wantsPrimaryStatus(int status);

  /**
   * Sets when the request began, if that was before the capture was opened.
   *
   * @param nanos a time of {@link System#nanoTime}
   */
  void startedAt(long nanos);

  /** Holds the copy until {@link #primaryAccepted}. Called before {@link #captured}. */
  void hold();

  /**
   * Reserves memory for more of the body.
   *
   * @return null, or the outcome of the copy if there is no memory for it
   */
  @Nullable Outcome reserve(int bytes);

  /**
   * Called when the body takes more memory than a small first chunk, but is not complete. From then
   * on the sink may call {@link BodyCapture#endIfStalled}. At most once.
   *
   * @param now when the last byte arrived
   */
  void growing(BodyCapture capture, long now);

  /** Releases everything that {@link #reserve} has reserved. */
  void releaseBody();

  /** Hands over the complete body. At most once. Followed by {@link #wakeUp}. */
  void captured(Body body);

  /**
   * Wakes the thread that sends the copy. Called without the monitor, by the thread that has called
   * {@link #captured} or {@link #primaryAccepted}.
   */
  void wakeUp();

  /** Called when the primary is about to send its response. */
  void primaryResponding();

  /**
   * Called when the primary has responded, or has ended without a response. At most once; not if
   * the copy ended during its capture.
   *
   * @param status the status code, or 0
   */
  void primaryResponded(int status);

  /**
   * Called after that if the copy waits for the response and is to be sent. Followed by {@link
   * #wakeUp}.
   */
  void primaryAccepted();

  /**
   * Ends the copy.
   *
   * @param capturedBytes number of body bytes captured so far
   */
  void abandon(Outcome outcome, long capturedBytes, @Nullable Throwable cause);
}
