package io.github.requestmirror;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Receives the outcome of each captured request.
 *
 * <p>Requests rejected before capture ({@link Outcome#NOT_MATCHED} or {@link Outcome#TARGET_DOWN},
 * for example) are counted in {@link MirrorStats} but not reported, to keep that path free of
 * allocation.
 *
 * <p>Called on a thread of its own, one call at a time for each target. A slow listener delays
 * neither primaries nor copies, but while 1024 events wait for it, further events are not reported;
 * the log says how many. Waiting events hold the heads of their requests in the buffer. Exceptions
 * are caught and logged.
 */
@FunctionalInterface
public interface MirrorListener {

  /**
   * Called when a captured request has ended for one target.
   *
   * @param event the outcome
   */
  void onEnd(Event event);

  /** How one captured request ended for one target. Immutable. */
  interface Event {
    /** Returns the {@link MirrorTarget#name()}. */
    String target();

    /**
     * Returns the request's head as received, credentials included. Its {@code toString}, and that
     * of the event, contain neither the query nor header values.
     */
    RequestHead head();

    /** Returns the counted outcome. */
    Outcome outcome();

    /** Returns the status code of the target's response, or 0 without a response. */
    int status();

    /** Returns the exception that caused the outcome, or null. */
    @Nullable Throwable cause();

    /** Returns how many bytes of the body were captured; fewer than all if it was incomplete. */
    long bodyBytes();

    /**
     * Returns the start of the body of an error response, at most 200 characters in one line, empty
     * if it had no body. Null if the response was not an error, or its text was not kept: of each
     * status the first one is kept, then one in five seconds, and one for each log line about
     * losses. Also null if the copy ended while it waited for another attempt. Words that contain a
     * recognized secret are replaced by {@code ***}.
     */
    @Nullable String responseText();

    /** Returns the time from the start of the request to the outcome. */
    Duration elapsed();
  }
}
