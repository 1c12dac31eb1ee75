package io.github.requestmirror.internal.send;

import io.github.requestmirror.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import org.apache.hc.core5.http.HttpException;
import org.jspecify.annotations.Nullable;

/**
 * The exchange of one copy: its request, how much of it has been sent, and its connection. Maps its
 * end to an outcome. Confined to the sender's thread.
 */
final class HttpExchange implements Sender.Exchange {
  private static final InetAddress[] NO_ADDRESSES = {};

  private final OutboundRequest request;
  private final Sender.Callback callback;
  private @Nullable Connection connection;
  private boolean ended;

  /** The addresses to connect to if the next one fails. */
  private InetAddress[] addresses = NO_ADDRESSES;

  private int nextAddress;

  /** The number of bytes of the request that the connection has accepted. */
  private long sent;

  private boolean completelySent;
  private boolean repeated;

  HttpExchange(OutboundRequest request, Sender.Callback callback) {
    this.request = request;
    this.callback = callback;
  }

  OutboundRequest request() {
    return request;
  }

  boolean hasEnded() {
    return ended;
  }

  /**
   * Returns whether to send the request once more after the target closed a reused connection
   * without a response. It may have processed the request, so only what may be processed twice is
   * repeated: idempotent methods (RFC 9110 9.2.2), and remote writes, of which receivers accept
   * exact duplicates. Returns true once.
   */
  boolean repeats() {
    if (repeated || ended || !mayBeProcessedTwice()) {
      return false;
    }
    repeated = true;
    return true;
  }

  private boolean mayBeProcessedTwice() {
    return switch (request.method()) {
      case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE" -> true;
      default -> request.headers().first("X-Prometheus-Remote-Write-Version") != null;
    };
  }

  /** Sets the addresses to connect to. */
  void connectTo(InetAddress[] addresses) {
    this.addresses = addresses;
    nextAddress = 0;
  }

  /** Returns the next address to connect to, or null if all have failed. */
  @Nullable InetAddress nextAddress() {
    return nextAddress < addresses.length ? addresses[nextAddress++] : null;
  }

  /** Starts to send the request on a connection. */
  void begin(Connection connection) {
    this.connection = connection;
    sent = 0;
    completelySent = false;
  }

  long sent() {
    return sent;
  }

  boolean isCompletelySent() {
    return completelySent;
  }

  void advance(long bytes, boolean complete) {
    sent += bytes;
    completelySent = complete;
  }

  @Override
  public void cancel() {
    ended = true;
    Connection used = connection;
    connection = null;
    if (used != null) {
      used.close();
    }
  }

  void responded(ResponseReader response) {
    int status = response.status();
    Sender.Result result = Sender.Result.OUT_OF_MEMORY;
    try {
      result =
          new Sender.Result(outcomeOf(status), status, null, null, response.retryAfter(), repeated);
      if (status >= 300 && callback.wantsText(result)) {
        result = result.withText(text(response));
      }
    } finally {
      end(result);
    }
  }

  void failedToConnect(Throwable cause) {
    fail(cause instanceof Exception ? Outcome.CONNECT_FAILED : Outcome.INTERNAL_ERROR, cause);
  }

  /** Ends the exchange on an established connection. */
  void failed(Throwable cause) {
    // An HttpException means that the target did not send valid HTTP.
    boolean broken = cause instanceof IOException || cause instanceof HttpException;
    fail(broken ? Outcome.IO_ERROR : Outcome.INTERNAL_ERROR, cause);
  }

  private void fail(Outcome outcome, Throwable cause) {
    Sender.Result result = Sender.Result.OUT_OF_MEMORY;
    try {
      result = Sender.Result.withoutResponse(outcome, cause, repeated);
    } finally {
      end(result);
    }
  }

  private void end(Sender.Result result) {
    if (!ended) {
      ended = true;
      connection = null;
      callback.ended(result);
    }
  }

  private String text(ResponseReader response) {
    String excerpt = response.excerpt();
    return excerpt == null ? "" : callback.shown(excerpt, response.isExcerptFull());
  }

  private static Outcome outcomeOf(int status) {
    if (status >= 200 && status < 300) {
      return Outcome.ACCEPTED;
    }
    if (status == 429) {
      return Outcome.THROTTLED;
    }
    return status >= 500 ? Outcome.UNAVAILABLE : Outcome.REJECTED;
  }
}
