package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.internal.accounting.GuardedLog;
import io.github.requestmirror.internal.accounting.LossLog;
import io.github.requestmirror.internal.ordering.Ordering;
import io.github.requestmirror.internal.send.OutboundRequest;
import io.github.requestmirror.internal.send.Sender;
import io.github.requestmirror.internal.send.TargetAddress;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends captured copies when their order, the in-flight limit and the target's health let them go,
 * and ends those that waited or took too long. Confined to one thread; the {@link TargetPipeline}
 * brings it the events.
 */
final class Dispatcher {
  private static final GuardedLog logger = new GuardedLog(Dispatcher.class);

  private final TargetAddress address;
  private final String marker;
  private final Sender sender;
  private final CircuitBreaker breaker;
  private final LossLog lossLog;
  private final LongSupplier clock;
  private final ExchangeEnd exchangeEnd;
  private final int maxInFlight;
  private final long maxQueueTime;
  private final long timeout;

  private final Ordering<Copy> ordering = new Ordering<>();
  private final RetryQueue retryQueue;

  /** Captured and unsent, oldest first. */
  private final Set<Copy> waiting = new LinkedHashSet<>();

  /** Sent and without a response, oldest first. */
  private final Set<Copy> sent = new LinkedHashSet<>();

  /** Responded before their bodies were complete, by the time of the response. */
  private final Set<Copy> respondedEarly = new LinkedHashSet<>();

  private boolean closed;
  private volatile int waitingCount;
  private volatile int sentCount;
  private volatile long retryCount;

  /** Takes the end of an exchange, from any thread, and brings it to {@link #onExchangeEnded}. */
  interface ExchangeEnd {
    void ended(Copy copy, Sender.Result result);
  }

  Dispatcher(
      MirrorTarget target,
      TargetAddress address,
      String marker,
      Sender sender,
      CircuitBreaker breaker,
      LossLog lossLog,
      LongSupplier clock,
      ExchangeEnd exchangeEnd) {
    this.address = address;
    this.marker = marker;
    this.sender = sender;
    this.breaker = breaker;
    this.lossLog = lossLog;
    this.clock = clock;
    this.exchangeEnd = exchangeEnd;
    this.maxInFlight = target.maxInFlight();
    this.maxQueueTime = target.maxQueueTime().toNanos();
    this.timeout = target.callTimeout().toNanos();
    this.retryQueue = new RetryQueue(target.maxRetries(), maxQueueTime);
  }

  /** Returns how many copies wait to be sent, or to be sent again. Any thread. */
  int waiting() {
    return waitingCount;
  }

  /** Returns how many copies are sent and without a response. Any thread. */
  int inFlight() {
    return sentCount;
  }

  /** Returns how often a copy was sent again. Any thread. */
  long retries() {
    return retryCount;
  }

  void captured(Copy copy) {
    if (closed) {
      finish(copy, Outcome.CLOSED, null);
    } else if (copy.expiredInOrder) {
      finish(copy, Outcome.EXPIRED, null);
    } else if (!copy.hasEnded()) {
      respondedEarly.remove(copy);
      copy.isCaptured = true;
      copy.capturedAt = clock.getAsLong();
      waiting.add(copy);
      ordering.captured(copy.ticket());
      if (!copy.heldForPrimary) {
        ordering.enqueue(copy.ticket());
      }
    }
  }

  void primaryResponding(Copy copy) {
    if (!copy.hasEnded()) {
      ordering.responded(copy.ticket());
      if (!copy.isCaptured && copy.ticket().isOrdered()) {
        copy.respondedAt = clock.getAsLong();
        respondedEarly.add(copy);
      }
    }
  }

  void primaryAccepted(Copy copy) {
    copy.heldForPrimary = false;
    if (waiting.contains(copy)) {
      ordering.enqueue(copy.ticket());
    }
  }

  void abandoned(Copy copy) {
    copy.releaseHeadBytes();
    respondedEarly.remove(copy);
    waiting.remove(copy);
    ordering.finished(copy.ticket());
  }

  void onExchangeEnded(Copy copy, Sender.Result result) {
    // Otherwise it had timed out.
    if (sent.remove(copy)) {
      long now = clock.getAsLong();
      breaker.ended(result.outcome(), now);
      if (!retryQueue.keep(copy, result, now)) {
        finish(copy, result);
      }
    }
  }

  /** Ends everything unsent as closed, everything sent as aborted, and the rest as it last was. */
  void close() {
    closed = true;
    for (Copy copy : List.copyOf(waiting)) {
      finish(copy, Outcome.CLOSED, null);
    }
    retryQueue.endAll(this::finish);
    for (Copy copy : List.copyOf(sent)) {
      cancel(copy, Outcome.ABORTED);
    }
    lossLog.flush();
    publishCounts();
  }

  /** Does what is due and returns for how many nanoseconds nothing else is. */
  long turn() {
    long now = clock.getAsLong();
    expire(now);
    retryQueue.endExpired(now, this::finish);
    timeOut(now);
    sendReady(now);
    publishCounts();
    return idle(now, lossLog.tick(now));
  }

  private void expire(long now) {
    for (Copy copy = first(respondedEarly);
        copy != null && isOld(copy, now);
        copy = first(respondedEarly)) {
      // A body that never ends must not hold up all others.
      respondedEarly.remove(copy);
      copy.expiredInOrder = true;
      ordering.finished(copy.ticket());
    }
    for (Copy copy = first(waiting); copy != null; copy = first(waiting)) {
      if (now - copy.capturedAt < maxQueueTime) {
        return;
      }
      finish(copy, Outcome.EXPIRED, null);
    }
  }

  private boolean isOld(Copy copy, long now) {
    return now - copy.respondedAt >= maxQueueTime;
  }

  private void timeOut(long now) {
    for (Copy copy = first(sent); copy != null; copy = first(sent)) {
      if (now - copy.sentAt < timeout) {
        return;
      }
      cancel(copy, Outcome.TIMEOUT);
      breaker.ended(Outcome.TIMEOUT, now);
    }
  }

  private void sendReady(long now) {
    while (sent.size() < maxInFlight && breaker.permitsSend(now, sent.size())) {
      Copy again = retryQueue.poll(now);
      if (again != null) {
        send(again, now);
        continue;
      }
      Copy copy = ordering.poll();
      if (copy == null) {
        return;
      }
      waiting.remove(copy);
      if (isSendable(copy)) {
        send(copy, now);
      }
    }
  }

  /** Makes what is sent; ends the copy where that can't be. */
  private boolean isSendable(Copy copy) {
    try {
      copy.request = copy.outbound(address, marker);
    } catch (Throwable t) {
      finish(copy, Outcome.POLICY_ERROR, t);
      return false;
    }
    if (copy.request == null) {
      finish(copy, Outcome.DENIED, null);
    }
    return copy.request != null;
  }

  private void send(Copy copy, long now) {
    OutboundRequest request = Objects.requireNonNull(copy.request);
    copy.sentAt = now;
    sent.add(copy);
    try {
      copy.exchange = sender.send(request, result -> exchangeEnd.ended(copy, result));
    } catch (Throwable t) {
      onExchangeEnded(copy, Sender.Result.withoutResponse(Outcome.INTERNAL_ERROR, t));
    }
  }

  private void cancel(Copy copy, Outcome outcome) {
    sent.remove(copy);
    Sender.Exchange exchange = copy.exchange;
    try {
      if (exchange != null) {
        exchange.cancel();
      }
    } catch (Throwable t) {
      logger.debug("an exchange could not be cancelled", t);
    }
    finish(copy, outcome, null);
  }

  private void finish(Copy copy, Outcome outcome, @Nullable Throwable cause) {
    finish(copy, Sender.Result.withoutResponse(outcome, cause));
  }

  private void finish(Copy copy, Sender.Result result) {
    waiting.remove(copy);
    copy.end(result);
    ordering.finished(copy.ticket());
  }

  private void publishCounts() {
    waitingCount = waiting.size() + retryQueue.size();
    sentCount = sent.size();
    retryCount = retryQueue.polled();
  }

  private long idle(long now, long atMost) {
    long idle = Math.min(atMost, retryQueue.idle(now));
    Copy oldest = first(waiting);
    if (oldest != null) {
      idle = Math.min(idle, oldest.capturedAt + maxQueueTime - now);
    }
    Copy slowest = first(respondedEarly);
    if (slowest != null) {
      idle = Math.min(idle, slowest.respondedAt + maxQueueTime - now);
    }
    // Once it is past, time alone does not let go what still waits.
    long backOff = breaker.sendAt() - now;
    if (sent.isEmpty() && waitingCount > 0 && !breaker.isUp() && backOff > 0) {
      idle = Math.min(idle, backOff);
    }
    Copy firstSent = first(sent);
    if (firstSent != null) {
      idle = Math.min(idle, firstSent.sentAt + timeout - now);
    }
    return idle;
  }

  private static @Nullable Copy first(Set<Copy> copies) {
    Iterator<Copy> iterator = copies.iterator();
    return iterator.hasNext() ? iterator.next() : null;
  }
}
