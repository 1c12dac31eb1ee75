package io.github.requestmirror.internal.send;

import io.github.requestmirror.Outcome;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Puts copies on the wire. The seam that lets the dispatcher be tested without sockets. */
public interface Sender extends AutoCloseable {

  /**
   * Starts an exchange. Does not wait for the network or for DNS.
   *
   * @param callback called once, by this thread or one of the sender's own
   */
  Exchange send(OutboundRequest request, Callback callback);

  /** Ends all exchanges and threads. */
  @Override
  void close();

  /** An exchange under way. */
  interface Exchange {
    /** Ends the exchange and its connection. The callback may or may not still come. */
    void cancel();
  }

  /** Takes the end of an exchange. */
  interface Callback {
    void ended(Result result);
  }

  /**
   * How an exchange ended.
   *
   * @param outcome responded or failed, or skipped where HTTP has no way to send it
   * @param status the target's status, or 0 without a response
   * @param detail what explains a failure or rejection, or null
   * @param retryAfter how long the target asked to be left alone, or zero
   */
  record Result(Outcome outcome, int status, @Nullable Object detail, Duration retryAfter) {

    /** An exchange without a response. */
    public static Result withoutResponse(Outcome outcome, @Nullable Throwable cause) {
      return new Result(outcome, 0, cause, Duration.ZERO);
    }
  }
}
