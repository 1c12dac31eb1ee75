package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.internal.accounting.GuardedLog;
import io.github.requestmirror.internal.accounting.LossLog;
import io.github.requestmirror.internal.dispatch.Copy.Stage;
import io.github.requestmirror.internal.dispatch.CopyEvent.Kind;
import io.github.requestmirror.internal.ordering.Ordering;
import io.github.requestmirror.internal.send.OutboundRequest;
import io.github.requestmirror.internal.send.Sender;
import io.github.requestmirror.internal.send.TargetAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends captured copies when the order, the in-flight limit and the circuit breaker permit it, and
 * ends copies that waited or took too long. Other threads submit events; everything else runs on
 * the thread of the event loop.
 *
 * <p>The {@link Stage} of a copy says where it is. The queues are indexes of the stages.
 */
final class Dispatcher implements EventLoop.Work {
  /**
   * For how long a copy has to hold back others, or to be held back, before keys are read. A target
   * that is as near as the primary rarely takes longer, and then costs no reading.
   */
  private static final long KEY_PATIENCE = TimeUnit.MILLISECONDS.toNanos(20);

  /** Enough copies with known keys to find some that may go, although many share a key. */
  private static final int MIN_KNOWN_WAITING = 64;

  /** How long a complete copy waits for the primary's response. */
  private static final long LONGEST_HOLD = TimeUnit.MINUTES.toNanos(5);

  /** The part of the buffer's size that keys may take in addition to it. */
  private static final int KEY_SHARE = 8;

  private final EventLoop loop;
  private final TargetAddress address;
  private final String marker;
  private final CircuitBreaker breaker;
  private final ScopeShares shares;
  private final LossLog lossLog;
  private final GuardedLog logger;
  private final LongSupplier clock;

  private final Ordering<Copy> ordering;
  private final KeyReader keyReader;

  private final OpenCaptures openCaptures;
  private final AgeQueue held = new AgeQueue(LONGEST_HOLD);
  private final AgeQueue waiting;
  private final InFlightCopies inFlight;
  private final RetryQueue retrying;

  private boolean closed;
  private final DispatchGauges gauges = new DispatchGauges();
  private final InFlightLimitLog limitLog;
  private final AtomicLong retries = new AtomicLong();

  Dispatcher(
      MirrorTarget target,
      EventLoop loop,
      TargetAddress address,
      String marker,
      Sender sender,
      CircuitBreaker breaker,
      ScopeShares shares,
      ExecutorService keys,
      LossLog lossLog,
      GuardedLog logger,
      LongSupplier clock) {
    this.loop = loop;
    this.address = address;
    this.marker = marker;
    this.breaker = breaker;
    this.shares = shares;
    this.lossLog = lossLog;
    this.logger = logger;
    this.clock = clock;
    this.ordering =
        new Ordering<>(
            Math.max(MIN_KNOWN_WAITING, target.maxInFlight()),
            KEY_PATIENCE,
            target.bufferBytes() / KEY_SHARE);
    this.keyReader = new KeyReader(ordering, keys, loop, logger);
    this.limitLog = new InFlightLimitLog(target.name(), target.maxInFlight(), logger);
    long maxQueueTime = target.maxQueueTime().toNanos();
    this.openCaptures = new OpenCaptures(ordering, maxQueueTime);
    this.waiting = new AgeQueue(maxQueueTime);
    this.inFlight = new InFlightCopies(target, sender, breaker, logger);
    this.retrying = new RetryQueue(target.maxRetries(), maxQueueTime);
  }

  // Called by any thread.

  void onGrowing(Copy copy) {
    // Its age is measured in seconds, and the thread never sleeps longer than one.
    loop.submitQuietly(copy.event(Kind.GROWING));
  }

  /** Followed by {@link #wakeUp}. */
  void onCaptured(Copy copy) {
    loop.submitQuietly(copy.event(Kind.CAPTURED));
  }

  void onPrimaryResponding(Copy copy) {
    // A response only delays other copies, so the thread need not wake up; but the event must
    // keep its place in the queue.
    loop.submitQuietly(copy.event(Kind.PRIMARY_RESPONDING));
  }

  /** Followed by {@link #wakeUp}. */
  void onPrimaryAccepted(Copy copy) {
    loop.submitQuietly(copy.event(Kind.PRIMARY_ACCEPTED));
  }

  void wakeUp() {
    loop.wakeUp();
  }

  void onAbandoned(Copy copy) {
    loop.submit(copy.event(Kind.ABANDONED));
  }

  DispatchGauges gauges() {
    return gauges;
  }

  /** Returns the number of bodies whose keys have been read. */
  long bodiesRead() {
    return keyReader.read();
  }

  /** Returns the number of bodies whose keys could not be read. */
  long bodiesUnreadable() {
    return keyReader.unreadable();
  }

  /** Returns the number of retries. */
  long retries() {
    return retries.get();
  }

  // Called by the event loop.

  @Override
  public void process(CopyEvent event) {
    Copy copy = event.copy();
    try {
      switch (event.kind()) {
        case GROWING -> growing(copy);
        case CAPTURED -> captured(copy);
        case PRIMARY_RESPONDING -> primaryResponding(copy);
        case PRIMARY_ACCEPTED -> primaryAccepted(copy);
        case ABANDONED -> abandoned(copy);
        case KEYS_READ -> keysRead(copy);
      }
    } catch (Throwable t) {
      // Most likely an OutOfMemoryError, which must not cost more than this copy.
      finish(copy, Outcome.INTERNAL_ERROR, t);
    }
  }

  private void growing(Copy copy) {
    if (!copy.hasEnded()) {
      openCaptures.growing(copy);
    }
  }

  private void captured(Copy copy) {
    copy.growingCapture = null;
    if (copy.hasEnded()) {
      return;
    }
    if (closed) {
      finish(copy, Outcome.CLOSED, null);
    } else if (copy.stage == Stage.OVERDUE) {
      finish(copy, Outcome.EXPIRED, null);
    } else {
      openCaptures.completed(copy);
      ordering.captured(copy.ticket());
      if (copy.heldForPrimary) {
        copy.stage = Stage.HELD;
        held.add(copy, copy.releasedAt);
      } else {
        enqueue(copy);
      }
    }
  }

  private void enqueue(Copy copy) {
    copy.stage = Stage.WAITING;
    waiting.add(copy, copy.releasedAt);
    ordering.enqueue(copy.ticket(), clock.getAsLong());
  }

  private void primaryResponding(Copy copy) {
    if (copy.hasEnded()) {
      return;
    }
    ordering.responded(copy.ticket());
    if (copy.stage == Stage.CAPTURING) {
      openCaptures.respondedEarly(copy, clock.getAsLong());
    }
  }

  private void primaryAccepted(Copy copy) {
    copy.heldForPrimary = false;
    if (copy.stage == Stage.HELD) {
      leaveStage(copy);
      enqueue(copy);
    }
  }

  private void keysRead(Copy copy) {
    keyReader.ended(copy, clock.getAsLong());
    gauges.keyBytes(ordering.keyBytes());
  }

  private void abandoned(Copy copy) {
    if (copy.stage == Stage.IN_FLIGHT) {
      inFlight.cancel(copy);
    }
    retire(copy);
    ordering.openGates();
    copy.report();
  }

  /** Called by a copy when its exchange has ended. */
  void onExchangeEnded(Copy copy, Sender.Result result) {
    if (copy.stage != Stage.IN_FLIGHT) {
      // The copy has timed out or was aborted.
      return;
    }
    long now = clock.getAsLong();
    breaker.weigh(result, copy.scope(), copy.waitingSince, now);
    ordering.openGates();
    if (result.repeated()) {
      retries.incrementAndGet();
    }
    if (result.outcome().kind() == Outcome.Kind.RESPONDED) {
      copy.responseNanos = now - copy.waitingSince;
      limitLog.onResponse();
    }
    leaveStage(copy);
    if (offerRetry(copy, result, now)) {
      copy.stage = Stage.RETRYING;
    } else {
      finish(copy, result);
    }
  }

  /** Returns whether a copy whose exchange is about to end will be sent again. */
  boolean permitsRetry(Copy copy, Sender.Result result) {
    return retrying.permits(copy, result, clock.getAsLong());
  }

  private boolean offerRetry(Copy copy, Sender.Result result, long now) {
    try {
      return !copy.hasEnded() && retrying.offer(copy, result, now);
    } catch (Throwable t) {
      logger.debug("failed to queue a retry", t);
      return false;
    }
  }

  /**
   * Ends all copies: the waiting ones as closed, those in flight as aborted, and those that wait
   * for a retry with the result of their last attempt.
   */
  @Override
  public void close() {
    closed = true;
    keyReader.close();
    for (Copy copy = held.first(); copy != null; copy = held.first()) {
      finish(copy, Outcome.CLOSED, null);
    }
    for (Copy copy = waiting.first(); copy != null; copy = waiting.first()) {
      finishUnsent(copy, Outcome.CLOSED);
    }
    for (Copy copy = retrying.first(); copy != null; copy = retrying.first()) {
      finishUnsent(copy, Outcome.CLOSED);
    }
    for (Copy copy = inFlight.first(); copy != null; copy = inFlight.first()) {
      cancel(copy, Outcome.ABORTED);
    }
    lossLog.flush();
    publishCounts();
  }

  @Override
  public long turn() {
    long now = clock.getAsLong();
    requeueDueRetries(now);
    expire(now);
    timeOut(now);
    sendReady(now);
    if (placesAreFree()) {
      keyReader.readNext(now);
    }
    limitLog.observe(inFlight.size(), ordering.queued(), now);
    publishCounts();
    return idle(now, lossLog.tick(now));
  }

  /** Returns whether no copy is in flight or may be sent without an event of a primary. */
  boolean isIdle() {
    return ordering.queued() == 0 && inFlight.size() == 0 && retrying.size() == 0;
  }

  private void expire(long now) {
    openCaptures.expire(now);
    Copy copy;
    while ((copy = held.firstExpired(now)) != null) {
      finish(copy, Outcome.EXPIRED, null);
    }
    while ((copy = waiting.firstExpired(now)) != null) {
      finishUnsent(copy, Outcome.EXPIRED);
    }
  }

  private void requeueDueRetries(long now) {
    for (Copy copy = retrying.pollDue(now); copy != null; copy = retrying.pollDue(now)) {
      copy.stage = Stage.WAITING;
      waiting.add(copy, copy.releasedAt);
      ordering.requeue(copy.ticket(), now);
    }
  }

  private void timeOut(long now) {
    Copy copy;
    while ((copy = inFlight.firstExpired(now)) != null) {
      long sentAt = copy.waitingSince;
      cancel(copy, Outcome.TIMEOUT);
      breaker.weigh(Sender.Result.TIMEOUT, copy.scope(), sentAt, now);
      ordering.openGates();
    }
  }

  private void sendReady(long now) {
    if (ordering.untilGateOpens(now) <= 0) {
      ordering.openGates();
    }
    Ordering.Gate gate =
        (scope, running) ->
            shares.permitsSend(inFlight.size(), running)
                ? breaker.untilSend(scope, now)
                : Long.MAX_VALUE;
    while (!inFlight.isFull()) {
      Copy copy = ordering.poll(gate, now);
      if (copy == null) {
        return;
      }
      if (copy.retryCount > 0) {
        retries.incrementAndGet();
      }
      send(copy, now);
    }
  }

  /** Returns whether only the order may hold back copies that wait. */
  private boolean placesAreFree() {
    return !inFlight.isFull() && breaker.isUp();
  }

  private void send(Copy copy, long now) {
    OutboundRequest request;
    try {
      request = copy.request == null ? copy.outbound(address, marker) : copy.request;
    } catch (Throwable t) {
      // The rewriter rejects an invalid head with a RuntimeException, and calls no function.
      boolean internal = t instanceof Error;
      finish(copy, internal ? Outcome.INTERNAL_ERROR : Outcome.POLICY_ERROR, t);
      return;
    }
    copy.request = request;
    leaveStage(copy);
    inFlight.send(copy, request, now);
  }

  private void cancel(Copy copy, Outcome outcome) {
    inFlight.cancel(copy);
    finish(copy, outcome, null);
  }

  private void finish(Copy copy, Outcome outcome, @Nullable Throwable cause) {
    retire(copy);
    copy.end(outcome, cause);
  }

  private void finish(Copy copy, Sender.Result result) {
    retire(copy);
    copy.end(result);
  }

  /** Ends a copy that waits to be sent: a retried one with the result of its last attempt. */
  private void finishUnsent(Copy copy, Outcome outcome) {
    Sender.Result last = copy.lastResult;
    if (last == null) {
      finish(copy, outcome, null);
    } else {
      finish(copy, last);
    }
  }

  /** Removes a copy from all queues. Its capture may keep it, but must not keep its body. */
  private void retire(Copy copy) {
    leaveStage(copy);
    copy.stage = Stage.ENDED;
    copy.request = null;
    copy.exchange = null;
    copy.lastResult = null;
    copy.growingCapture = null;
    // Otherwise the copies that depend on this one would wait for ever.
    ordering.finished(copy.ticket());
    gauges.keyBytes(ordering.keyBytes());
  }

  private void leaveStage(Copy copy) {
    switch (copy.stage) {
      case CAPTURING, RESPONDED_EARLY, OVERDUE -> openCaptures.remove(copy);
      case HELD -> held.remove(copy);
      case WAITING -> waiting.remove(copy);
      case IN_FLIGHT -> inFlight.remove(copy);
      case RETRYING -> retrying.remove(copy);
      case ENDED -> {
        // In no queue.
      }
    }
  }

  private void publishCounts() {
    int queued = ordering.queued();
    gauges.waiting(queued, held.size(), retrying.size(), placesAreFree());
    gauges.inFlight(inFlight.size());
    Copy oldest = waiting.first();
    if (oldest == null) {
      gauges.noOldest();
    } else {
      gauges.oldestSince(oldest.waitingSince);
    }
  }

  private long idle(long now, long atMost) {
    long idle = Math.min(atMost, retrying.untilDue(now));
    idle = Math.min(idle, breaker.tick(now));
    idle = Math.min(idle, waiting.untilExpiry(now));
    idle = Math.min(idle, held.untilExpiry(now));
    idle = Math.min(idle, openCaptures.untilExpiry(now));
    idle = Math.min(idle, inFlight.untilExpiry(now));
    if (!inFlight.isFull()) {
      idle = Math.min(idle, ordering.untilGateOpens(now));
    }
    if (placesAreFree()) {
      idle = Math.min(idle, keyReader.untilNext(now));
    }
    return idle;
  }
}
