package io.github.requestmirror.internal.send;

import io.github.requestmirror.Outcome;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Sends copies. One thread, the pipeline's, calls all methods except {@link #wakeUp}; it does its
 * I/O in {@link #await}. An interface so that the dispatcher can be tested without sockets.
 */
public interface Sender extends AutoCloseable {

  /**
   * Starts an exchange. Does not wait for the network or for DNS. What it throws ends the exchange:
   * the callback is not called, and the request not read any more.
   *
   * @param callback called at most once, during this call or a later one of {@link #await}
   */
  Exchange send(OutboundRequest request, Callback callback);

  /**
   * Waits until I/O is possible, the time has passed or {@link #wakeUp} is called, and does the I/O
   * that is possible.
   *
   * @param nanos the longest wait; none if not positive
   */
  void await(long nanos);

  /** Ends the current or the next wait. Called by any thread; does not block. */
  void wakeUp();

  /** Closes all connections without calling the callbacks, and stops all threads. */
  @Override
  void close();

  /** An exchange in progress. */
  interface Exchange {
    /** Aborts the exchange and closes its connection. The callback is not called any more. */
    void cancel();
  }

  /** Receives the end of an exchange. */
  interface Callback {
    /** The exchange has ended; the sender does not read the request any more. */
    void ended(Result result);

    /**
     * Returns whether to keep the text of an error response.
     *
     * @param result the result that follows, without the text
     */
    boolean wantsText(Result result);

    /**
     * Returns the start of the text of an error response, as far as it may be shown.
     *
     * @param text in one line
     * @param cut whether the text is the start of a longer one
     */
    String shown(String text, boolean cut);
  }

  /**
   * How an exchange ended.
   *
   * @param outcome responded or failed, or skipped if HTTP cannot express the request
   * @param status the target's status, or 0 without a response
   * @param text the start of an error response, as far as it may be shown; empty if it has no body,
   *     null if it is not kept
   * @param cause what failed, or null
   * @param retryAfter the value of {@code Retry-After}, or zero
   * @param repeated whether the request was sent twice, because the target had closed the first
   *     connection
   */
  record Result(
      Outcome outcome,
      int status,
      @Nullable String text,
      @Nullable Throwable cause,
      Duration retryAfter,
      boolean repeated) {

    /** The result of an exchange that took too long. */
    public static final Result TIMEOUT = withoutResponse(Outcome.TIMEOUT, null);

    /** The result of an exchange that ended while there was no memory for another one. */
    public static final Result OUT_OF_MEMORY = withoutResponse(Outcome.INTERNAL_ERROR, null);

    /** Returns the result of an exchange without a response. */
    public static Result withoutResponse(Outcome outcome, @Nullable Throwable cause) {
      return withoutResponse(outcome, cause, false);
    }

    Result withText(String text) {
      return new Result(outcome, status, text, cause, retryAfter, repeated);
    }

    static Result withoutResponse(Outcome outcome, @Nullable Throwable cause, boolean repeated) {
      return new Result(outcome, 0, null, cause, Duration.ZERO, repeated);
    }
  }
}
