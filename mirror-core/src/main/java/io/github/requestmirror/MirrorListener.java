package io.github.requestmirror;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Is told how captured requests ended.
 *
 * <p>Requests that are turned away before a byte is captured ({@link Outcome#NOT_MATCHED}, {@link
 * Outcome#BUFFER_FULL} and the like at the door) are counted in {@link MirrorStats} but not
 * reported here: they cost nothing, and this keeps it so.
 *
 * <p>Runs on the mirror's own thread, never the primary's, one call at a time per target. A slow
 * listener delays that target's copies; whatever it throws is caught and logged.
 */
@FunctionalInterface
public interface MirrorListener {

  /**
   * A captured request ended.
   *
   * @param event how it ended
   */
  void onEnd(Event event);

  /** How one captured request ended at one target. Immutable. */
  interface Event {
    /**
     * Returns the target's name.
     *
     * @return {@link MirrorTarget#name()}
     */
    String target();

    /**
     * Returns the request's head as it arrived.
     *
     * @return the head, credentials included
     */
    RequestHead head();

    /**
     * Returns how it ended.
     *
     * @return the counted outcome
     */
    Outcome outcome();

    /**
     * Returns the target's status code.
     *
     * @return the status code, or 0 without a response
     */
    int status();

    /**
     * Returns why it failed.
     *
     * @return the cause, or null when there was no exception
     */
    @Nullable Throwable cause();

    /**
     * Returns the size of the captured body.
     *
     * @return bytes; those captured until the end where the body was not complete
     */
    long bodyBytes();

    /**
     * Returns the time from the start of the capture to its end at the target.
     *
     * @return the time
     */
    Duration elapsed();
  }
}
