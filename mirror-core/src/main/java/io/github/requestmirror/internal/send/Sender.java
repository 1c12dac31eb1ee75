package io.github.requestmirror.internal.send;

import io.github.requestmirror.Outcome;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Sends copies. An interface so that the dispatcher can be tested without sockets. */
public interface Sender extends AutoCloseable {

  /**
   * Starts an exchange. Does not wait for the network or for DNS.
   *
   * @param callback called once, by this thread or by one of the sender's threads
   */
  Exchange send(OutboundRequest request, Callback callback);

  /** Aborts all exchanges and stops all threads. */
  @Override
  void close();

  /** An exchange in progress. */
  interface Exchange {
    /** Aborts the exchange and closes its connection. The callback may or may not be called. */
    void cancel();
  }

  /** Receives the end of an exchange. */
  interface Callback {
    void ended(Result result);
  }

  /**
   * How an exchange ended.
   *
   * @param outcome responded or failed, or skipped if HTTP cannot express the request
   * @param status the target's status, or 0 without a response
   * @param detail an exception or text for the log, or null
   * @param retryAfter the value of {@code Retry-After}, or zero
   */
  record Result(Outcome outcome, int status, @Nullable Object detail, Duration retryAfter) {

    /** Returns the result of an exchange without a response. */
    public static Result withoutResponse(Outcome outcome, @Nullable Throwable cause) {
      return new Result(outcome, 0, cause, Duration.ZERO);
    }
  }
}
