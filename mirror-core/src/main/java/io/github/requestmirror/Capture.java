package io.github.requestmirror;

import io.github.requestmirror.internal.capture.BodyCapture;
import io.github.requestmirror.internal.capture.NoCapture;
import java.nio.ByteBuffer;

/**
 * The bounded copy of one request's body, made while the primary reads or writes it. This is the
 * whole contract between an adapter and the mirror.
 *
 * <p>No method throws or waits for anything but another method of the same capture, and every call
 * after the end is without effect, so adapters need no guards. The calls may come from different
 * threads. The capture ends once: with {@link #complete()} when the whole body was seen, with
 * {@link #abandon(Outcome)} when it never will be, with {@link #completeReencoded()} when only its
 * meaning was.
 *
 * <p>{@link #primaryResponding()} and {@link #primaryResponded(int)} tell about the primary's
 * response and may come before or after the end of the capture. An adapter calls both for every
 * capture, errors and cancellations included.
 */
public sealed interface Capture permits BodyCapture, NoCapture {

  /**
   * Returns the capture of a request that no policy wants: every method does nothing.
   *
   * @return the one such capture
   */
  static Capture none() {
    return NoCapture.INSTANCE;
  }

  /**
   * Tells whether bytes are still wanted. Once false it stays false; an adapter may then stop
   * copying.
   *
   * @return whether {@link #write} has an effect
   */
  boolean active();

  /**
   * Makes the copy wait, once it is complete, until {@link #primaryResponded} lets it go, whatever
   * the status. Until then {@link #abandon} still ends it. For adapters whose caller may cancel a
   * call after its body was written; called first of all. The place in the order is that of the
   * body's end all the same.
   */
  void hold();

  /**
   * Copies bytes that the primary has read or written.
   *
   * @param bytes the source, not kept
   * @param offset index of the first byte
   * @param length how many bytes
   */
  void write(byte[] bytes, int offset, int length);

  /**
   * Copies the remaining bytes of a buffer that the primary has read or written.
   *
   * @param bytes the source, not kept; its position does not move
   */
  void write(ByteBuffer bytes);

  /** Forgets the bytes so far because the client sends its body anew, as on a retry. */
  void reset();

  /** Ends the capture: the bytes so far are the whole body. */
  void complete();

  /**
   * Ends the capture: the bytes so far are not the client's, but mean the same. For a form that a
   * container has parsed and the adapter encodes again. The value of the copy's {@linkplain
   * Mirror.Builder#markerHeader marker header} is then {@code reencoded}, and {@link
   * MirrorStats.Target#reencoded()} counts it.
   */
  void completeReencoded();

  /**
   * Ends the capture without a copy, and frees its memory at once; also the copy of a complete body
   * that is {@linkplain #hold held}.
   *
   * @param reason what to count, a {@linkplain Outcome.Kind#SKIPPED skip}; anything else counts as
   *     {@link Outcome#BODY_INCOMPLETE}
   */
  void abandon(Outcome reason);

  /**
   * Says that from now on a byte of the primary's response may reach the client. Must be called
   * before that can happen: requests captured later are then ordered after this one. Too early only
   * adds order. Only the first call counts.
   */
  void primaryResponding();

  /**
   * Says how the primary responded. Implies {@link #primaryResponding()}. Only the first call
   * counts.
   *
   * @param status the status code, or 0 when the primary ended without a response
   */
  void primaryResponded(int status);
}
