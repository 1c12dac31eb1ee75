package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.internal.accounting.GuardedLog;
import io.github.requestmirror.internal.dispatch.Copy.Stage;
import io.github.requestmirror.internal.send.OutboundRequest;
import io.github.requestmirror.internal.send.Sender;
import org.jspecify.annotations.Nullable;

/** The copies that have been sent and have no response yet. Confined to the dispatcher's thread. */
final class InFlightCopies {
  private final Sender sender;
  private final CircuitBreaker breaker;
  private final GuardedLog logger;
  private final int limit;
  private final AgeQueue copies;

  InFlightCopies(MirrorTarget target, Sender sender, CircuitBreaker breaker, GuardedLog logger) {
    this.sender = sender;
    this.breaker = breaker;
    this.logger = logger;
    this.limit = target.maxInFlight();
    this.copies = new AgeQueue(target.callTimeout().toNanos());
  }

  int size() {
    return copies.size();
  }

  boolean isFull() {
    return copies.size() >= limit;
  }

  @Nullable Copy first() {
    return copies.first();
  }

  /** Sends a copy that is in no queue. A failure is the result of its exchange. */
  void send(Copy copy, OutboundRequest request, long now) {
    copy.stage = Stage.IN_FLIGHT;
    copies.add(copy, now);
    breaker.sent(copy, copy.scope());
    try {
      Sender.Exchange exchange = sender.send(request, copy);
      if (copy.stage == Stage.IN_FLIGHT) {
        copy.exchange = exchange;
      }
    } catch (Throwable t) {
      Sender.Result result = Sender.Result.OUT_OF_MEMORY;
      try {
        result = Sender.Result.withoutResponse(Outcome.INTERNAL_ERROR, t);
      } finally {
        copy.ended(result);
      }
    }
  }

  /** Returns a copy that has had no response for too long, or null. */
  @Nullable Copy firstExpired(long now) {
    return copies.firstExpired(now);
  }

  long untilExpiry(long now) {
    return copies.untilExpiry(now);
  }

  /** Aborts the exchange of a copy, which stays here. */
  void cancel(Copy copy) {
    Sender.Exchange exchange = copy.exchange;
    try {
      if (exchange != null) {
        exchange.cancel();
      }
    } catch (Throwable t) {
      logger.debug("failed to cancel an exchange", t);
    }
  }

  void remove(Copy copy) {
    copies.remove(copy);
    breaker.ended(copy, copy.scope());
  }
}
