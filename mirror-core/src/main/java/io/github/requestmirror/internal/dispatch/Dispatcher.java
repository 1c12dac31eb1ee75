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
 * Sends captured copies when the order, the in-flight limit and the circuit breaker permit it, and
 * ends copies that waited or took too long. Confined to one thread. The {@link TargetPipeline}
 * submits its events.
 */
final class Dispatcher {
  private final TargetAddress address;
  private final String marker;
  private final Sender sender;
  private final CircuitBreaker breaker;
  private final LossLog lossLog;
  private final GuardedLog logger;
  private final LongSupplier clock;
  private final int maxInFlight;
  private final long maxQueueTime;
  private final long callTimeout;

  private final Ordering<Copy> ordering = new Ordering<>();
  private final RetryQueue retryQueue;

  /** Captured and not sent yet, oldest first. */
  private final Set<Copy> waiting = new LinkedHashSet<>();

  /** In flight, oldest first. */
  private final Set<Copy> sent = new LinkedHashSet<>();

  /** The primary responded before the body was complete; oldest response first. */
  private final Set<Copy> respondedEarly = new LinkedHashSet<>();

  private boolean closed;
  private volatile int waitingCount;
  private volatile int sentCount;
  private volatile long retries;

  Dispatcher(
      MirrorTarget target,
      TargetAddress address,
      String marker,
      Sender sender,
      CircuitBreaker breaker,
      LossLog lossLog,
      GuardedLog logger,
      LongSupplier clock) {
    this.address = address;
    this.marker = marker;
    this.sender = sender;
    this.breaker = breaker;
    this.lossLog = lossLog;
    this.logger = logger;
    this.clock = clock;
    this.maxInFlight = target.maxInFlight();
    this.maxQueueTime = target.maxQueueTime().toNanos();
    this.callTimeout = target.callTimeout().toNanos();
    this.retryQueue = new RetryQueue(target.maxRetries(), maxQueueTime);
  }

  /** Returns the number of copies that wait to be sent or retried. Any thread. */
  int waiting() {
    return waitingCount;
  }

  /** Returns the number of copies in flight. Any thread. */
  int inFlight() {
    return sentCount;
  }

  /** Returns the number of retries. Any thread. */
  long retries() {
    return retries;
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
    respondedEarly.remove(copy);
    waiting.remove(copy);
    ordering.finished(copy.ticket());
  }

  private void onExchangeEnded(Copy copy, Sender.Result result) {
    // If absent, the copy has timed out or was aborted.
    if (sent.remove(copy)) {
      long now = clock.getAsLong();
      breaker.ended(result.outcome(), now);
      if (!retryQueue.offer(copy, result, now)) {
        finish(copy, result);
      }
    }
  }

  /**
   * Ends all copies: the waiting ones as closed, those in flight as aborted, and those that wait
   * for a retry with the result of their last attempt.
   */
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

  /** Does all work that is due; returns the nanoseconds until more may be due. */
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
      // A body that never ends must not block the copies after it.
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
      if (now - copy.sentAt < callTimeout) {
        return;
      }
      cancel(copy, Outcome.TIMEOUT);
      breaker.ended(Outcome.TIMEOUT, now);
    }
  }

  private void sendReady(long now) {
    while (sent.size() < maxInFlight && breaker.permitsSend(now, sent.size())) {
      Copy retry = retryQueue.poll(now);
      if (retry != null) {
        send(retry, now);
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

  /** Makes the request to send; ends the copy if that is not possible. */
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
      Sender.Exchange exchange = sender.send(request, result -> onExchangeEnded(copy, result));
      if (!copy.hasEnded()) {
        // An ended copy may be kept by its capture, and must not keep the body.
        copy.exchange = exchange;
      }
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
      logger.debug("failed to cancel an exchange", t);
    }
    finish(copy, outcome, null);
  }

  private void finish(Copy copy, Outcome outcome, @Nullable Throwable cause) {
    finish(copy, Sender.Result.withoutResponse(outcome, cause));
  }

  private void finish(Copy copy, Sender.Result result) {
    waiting.remove(copy);
    try {
      copy.end(result);
    } finally {
      // Without it, the copies that depend on this one would wait for ever.
      ordering.finished(copy.ticket());
    }
  }

  private void publishCounts() {
    waitingCount = waiting.size() + retryQueue.size();
    sentCount = sent.size();
    retries = retryQueue.polled();
  }

  private long idle(long now, long atMost) {
    long idle = Math.min(atMost, retryQueue.idle(now));
    Copy oldest = first(waiting);
    if (oldest != null) {
      idle = Math.min(idle, oldest.capturedAt + maxQueueTime - now);
    }
    Copy oldestResponded = first(respondedEarly);
    if (oldestResponded != null) {
      idle = Math.min(idle, oldestResponded.respondedAt + maxQueueTime - now);
    }
    // After the back-off, the next event sends a copy, not the passing of time.
    long backOff = breaker.sendAt() - now;
    if (sent.isEmpty() && waitingCount > 0 && !breaker.isUp() && backOff > 0) {
      idle = Math.min(idle, backOff);
    }
    Copy firstSent = first(sent);
    if (firstSent != null) {
      idle = Math.min(idle, firstSent.sentAt + callTimeout - now);
    }
    return idle;
  }

  private static @Nullable Copy first(Set<Copy> copies) {
    Iterator<Copy> iterator = copies.iterator();
    return iterator.hasNext() ? iterator.next() : null;
  }
}
