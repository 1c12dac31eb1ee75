package io.github.requestmirror;

import io.github.requestmirror.internal.capture.BodyCapture;
import io.github.requestmirror.internal.capture.NoCapture;
import java.nio.ByteBuffer;

/**
 * A bounded copy of one request's body, filled while the primary reads or writes the body. Adapters
 * report a request and its response to the mirror through this interface.
 *
 * <p>The methods may be called by any thread, but {@code write} and {@code reset} only by one
 * thread at a time. They throw no exceptions, and wait only for a concurrent call of the same
 * capture. Calls after the end of the capture have no effect, so adapters need no guards. A capture
 * ends once: by {@link #complete()} or {@link #completeQuietly()} when the whole body was captured,
 * by {@link #completeReencoded()} when the adapter encoded the body again, or by {@link
 * #abandon(Outcome)} when the body cannot be captured.
 *
 * <p>{@link #primaryResponding()} and {@link #primaryResponded(int)} report the primary's response,
 * before or after the end of the capture. An adapter must call both for every capture, also after
 * errors and cancellations.
 */
public sealed interface Capture permits BodyCapture, NoCapture {

  /** Returns the capture of a request that is not mirrored. Its methods have no effect. */
  static Capture none() {
    return NoCapture.INSTANCE;
  }

  /**
   * Returns whether {@link #write} still has an effect. Once false, it stays false, and the adapter
   * may stop copying.
   */
  boolean active();

  /**
   * Holds the copy until {@link #primaryResponded} is called, with any status. Until then {@link
   * #abandon} ends the copy even if its body is complete. For adapters whose callers may cancel a
   * call after its body was written. Must be called before all other methods. Does not change the
   * copy's place in the order.
   */
  void hold();

  /**
   * Copies bytes that the primary has read or written. Bytes that are written one by one cost
   * little: most of them take no lock.
   *
   * @param bytes the source, which is not retained
   * @param offset index of the first byte
   * @param length number of bytes
   */
  void write(byte[] bytes, int offset, int length);

  /**
   * Copies the remaining bytes of a buffer that the primary has read or written.
   *
   * @param bytes the source, which is not retained; its position is not changed
   */
  void write(ByteBuffer bytes);

  /** Discards the bytes captured so far because the client starts the body again, as on a retry. */
  void reset();

  /** Ends the capture: the captured bytes are the whole body. */
  void complete();

  /**
   * As {@link #complete()}, for an adapter that sees the last byte before the application has sent
   * it to the primary. Does not wake the thread that sends the copy, which may take the CPU from
   * the application at once. The adapter calls {@link #wakeUp()} afterwards; without it, the copy
   * is sent up to a second later.
   */
  void completeQuietly();

  /** Wakes the threads that send the copies, after {@link #completeQuietly()}. */
  void wakeUp();

  /**
   * Ends the capture: the captured bytes are equivalent to the client's body, but not equal. For a
   * form that a container has parsed and the adapter has encoded again. The {@linkplain
   * Mirror.Builder#markerHeader marker header} of the copy has the value {@code reencoded}, and
   * {@link MirrorStats.Target#reencoded()} counts the copy.
   */
  void completeReencoded();

  /**
   * Ends the capture without sending a copy, and releases its memory. Also ends a complete copy
   * that is {@linkplain #hold held}.
   *
   * @param reason the outcome to count, of the kind {@link Outcome.Kind#SKIPPED}; an outcome of
   *     another kind counts as {@link Outcome#BODY_INCOMPLETE}
   */
  void abandon(Outcome reason);

  /**
   * Signals that the primary is about to send its response. Must be called before the first byte of
   * the response can reach the client: requests captured after this call are ordered after this
   * one. Calling it earlier only orders more requests. Only the first call has an effect.
   */
  void primaryResponding();

  /**
   * Reports the status of the primary's response. Implies {@link #primaryResponding()}. Only the
   * first call has an effect.
   *
   * @param status the status code, or 0 when the primary ended without a response
   */
  void primaryResponded(int status);
}
