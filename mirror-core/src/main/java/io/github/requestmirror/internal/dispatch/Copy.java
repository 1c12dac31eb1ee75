package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.OrderKeys;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.internal.accounting.EndEvent;
import io.github.requestmirror.internal.accounting.ErrorTexts;
import io.github.requestmirror.internal.accounting.OutcomeRecorder;
import io.github.requestmirror.internal.accounting.ResponseCounts;
import io.github.requestmirror.internal.capture.Body;
import io.github.requestmirror.internal.capture.BodyCapture;
import io.github.requestmirror.internal.capture.CaptureSink;
import io.github.requestmirror.internal.capture.HeadSnapshot;
import io.github.requestmirror.internal.ordering.IntrusiveList;
import io.github.requestmirror.internal.ordering.Ticket;
import io.github.requestmirror.internal.policy.CompiledPolicy;
import io.github.requestmirror.internal.send.OutboundRequest;
import io.github.requestmirror.internal.send.Sender;
import io.github.requestmirror.internal.send.TargetAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The copy of one request for one target. Holds part of the target's byte budget from its creation
 * to its end. Ends exactly once; what the end needs is allocated with the copy.
 *
 * <p>Owned by the capture until {@link #captured} or {@link #abandon}, then by the pipeline's
 * thread. The hand-over goes through the event queue, which publishes the fields safely.
 */
public final class Copy implements CaptureSink, Sender.Callback {
  private static final AtomicReferenceFieldUpdater<Copy, @Nullable Outcome> OUTCOME =
      AtomicReferenceFieldUpdater.newUpdater(Copy.class, Outcome.class, "outcome");
  private static final AtomicLongFieldUpdater<Copy> BODY_CHARGE =
      AtomicLongFieldUpdater.newUpdater(Copy.class, "bodyCharge");

  private static final AtomicIntegerFieldUpdater<Copy> RESPONSES =
      AtomicIntegerFieldUpdater.newUpdater(Copy.class, "responses");

  /** Says in {@link #responses} that there is a class of the primary, or of the target. */
  private static final int KNOWN = 8;

  private static final int OF_TARGET = 4;

  /** The charge of a body that is not charged any more. */
  private static final long RELEASED = -1;

  /** Where a copy is on its way through the pipeline. */
  enum Stage {
    /** The primary is reading or writing the body. */
    CAPTURING,

    /** The primary has responded, and copies may wait for the end of this body. */
    RESPONDED_EARLY,

    /** As before, but the body takes too long, so that no copy waits for it any more. */
    OVERDUE,

    /** Complete, waits for the primary's response. */
    HELD,

    /** Waits for the order, a place in flight or the circuit breaker. */
    WAITING,

    IN_FLIGHT,

    /** Waits for its next attempt. */
    RETRYING,

    ENDED
  }

  /** What the copies of one pipeline share. */
  record Context(
      String target,
      long maxBodyBytes,
      LongSupplier clock,
      ScopeShares shares,
      OutcomeRecorder recorder,
      ErrorTexts errorTexts,
      Dispatcher dispatcher) {}

  private final HeadSnapshot head;
  private final String pathAndQuery;
  private final long headBytes;
  private final CompiledPolicy policy;
  private final @Nullable String scope;
  private final int scopeId;
  private final Admission admission;
  private final Context context;

  /** When the request began. Not changed after the capture was opened. */
  private long openedAt;

  private final Ticket<Copy> ticket;
  private final CopyEvent growing = new CopyEvent(this, CopyEvent.Kind.GROWING);
  private final CopyEvent captured = new CopyEvent(this, CopyEvent.Kind.CAPTURED);
  private final CopyEvent primaryResponding =
      new CopyEvent(this, CopyEvent.Kind.PRIMARY_RESPONDING);
  private final CopyEvent primaryAccepted = new CopyEvent(this, CopyEvent.Kind.PRIMARY_ACCEPTED);
  private final CopyEvent abandoned = new CopyEvent(this, CopyEvent.Kind.ABANDONED);

  /**
   * What is reserved for the body; {@link #RELEASED} after the end. The capture's thread changes
   * it, and the thread that ends the copy, which may be the pipeline's while the capture is open.
   */
  private volatile long bodyCharge;

  /**
   * The class of the status that is known first: the primary's, or {@link #OF_TARGET} bits higher
   * the target's. The thread that knows the other one counts both.
   */
  private volatile int responses;

  private @Nullable Body body;

  /** Null until the end. The thread that sets it writes the fields below it. */
  private volatile @Nullable Outcome outcome;

  private int status;
  private @Nullable Throwable cause;
  private long bodyBytes;
  private long endedAt;

  /**
   * When the copy was complete, or the primary had responded if it waits for that. Written before
   * the event that says so.
   */
  volatile long releasedAt;

  /** Whether to wait for the primary's response. After the capture, pipeline's thread only. */
  boolean heldForPrimary;

  // The fields below are confined to the pipeline's thread.
  Stage stage = Stage.CAPTURING;
  final IntrusiveList.Node<Copy> inAgeQueue = new IntrusiveList.Node<>(this);

  /** The capture, if it may stall. Set before the event of it, and cleared after the capture. */
  @Nullable BodyCapture growingCapture;

  /** Whether that event has been processed. */
  boolean isGrowing;

  /** When the last byte arrived, as far as is known. */
  long growingSince;

  /** When the wait in the current stage began. Owned by the age queue of that stage. */
  long waitingSince;

  Sender.@Nullable Exchange exchange;

  /** The request to send, the same in each attempt. */
  @Nullable OutboundRequest request;

  /** How long the last attempt took, if the target responded. */
  long responseNanos;

  int retryCount;
  long retryAt;
  long retryNumber;

  /** The result of the last attempt, while the copy waits for a retry. */
  Sender.@Nullable Result lastResult;

  /**
   * Creates a copy.
   *
   * @param pathAndQuery as sent
   * @param headBytes what the caller has reserved for everything but the body
   * @param scopeId the number of the scope in {@link ScopeShares}
   */
  Copy(
      HeadSnapshot head,
      String pathAndQuery,
      long headBytes,
      CompiledPolicy policy,
      @Nullable String scope,
      int scopeId,
      Admission admission,
      Context context) {
    this.head = head;
    this.pathAndQuery = pathAndQuery;
    this.headBytes = headBytes;
    this.policy = policy;
    this.scope = scope;
    this.scopeId = scopeId;
    this.admission = admission;
    this.context = context;
    this.openedAt = context.clock().getAsLong();
    this.ticket = new Ticket<>(this, policy.order().of(head), scope, policy.orderKeys());
    this.heldForPrimary = policy.waitsForPrimary();
  }

  // Called by the capture.

  @Override
  public long maxBodyBytes() {
    return context.maxBodyBytes();
  }

  @Override
  public boolean waitsForPrimary() {
    return policy.waitsForPrimary();
  }

  @Override
  public boolean wantsPrimaryStatus(int status) {
    return policy.wantsPrimaryStatus(status);
  }

  @Override
  public void startedAt(long nanos) {
    openedAt = nanos;
  }

  @Override
  public void hold() {
    heldForPrimary = true;
  }

  @Override
  public @Nullable Outcome reserve(int bytes) {
    long charge = bodyCharge;
    if (charge == RELEASED) {
      // An event of this copy has failed.
      return outcome;
    }
    Outcome refusal = context.shares().reserve(scopeId, bytes, headBytes + charge);
    if (refusal == null && !BODY_CHARGE.compareAndSet(this, charge, charge + bytes)) {
      // It has failed meanwhile.
      context.shares().release(scopeId, bytes);
      return outcome;
    }
    return refusal;
  }

  @Override
  public void growing(BodyCapture capture, long now) {
    growingCapture = capture;
    growingSince = now;
    context.dispatcher().onGrowing(this);
  }

  @Override
  public void releaseBody() {
    long charge = bodyCharge;
    if (charge != RELEASED && BODY_CHARGE.compareAndSet(this, charge, 0)) {
      context.shares().release(scopeId, charge);
    }
  }

  @Override
  public void captured(Body body) {
    this.body = body;
    if (hasEnded()) {
      // An event has failed. The capture may keep the copy, which must not keep the body.
      this.body = null;
    }
    releasedAt = context.clock().getAsLong();
    if (body.isReencoded()) {
      context.recorder().reencoded();
    }
    context.dispatcher().onCaptured(this);
  }

  @Override
  public void wakeUp() {
    context.dispatcher().wakeUp();
  }

  @Override
  public void primaryResponding() {
    if (ticket.isOrdered() && !hasEnded()) {
      context.dispatcher().onPrimaryResponding(this);
    }
  }

  @Override
  public void primaryResponded(int status) {
    if (status != 0) {
      context.recorder().primaryResponded(context.clock().getAsLong() - openedAt);
    }
    addResponse(0, status);
  }

  /**
   * Adds the response of the primary or the target.
   *
   * @param shift where it is kept: 0 or {@link #OF_TARGET}
   */
  private void addResponse(int shift, int status) {
    int added = (KNOWN | ResponseCounts.statusClass(status)) << shift;
    if (!RESPONSES.compareAndSet(this, 0, added)) {
      int both = responses | added;
      context.recorder().responses(both & (KNOWN - 1), both >>> OF_TARGET & (KNOWN - 1));
    }
  }

  @Override
  public void primaryAccepted() {
    releasedAt = context.clock().getAsLong();
    context.dispatcher().onPrimaryAccepted(this);
  }

  @Override
  public void abandon(Outcome outcome, long capturedBytes, @Nullable Throwable cause) {
    if (end(outcome, 0, null, cause, capturedBytes)) {
      context.dispatcher().onAbandoned(this);
    }
  }

  public HeadSnapshot head() {
    return head;
  }

  // Called by the dispatcher.

  /** Any thread. */
  CopyEvent event(CopyEvent.Kind kind) {
    return switch (kind) {
      case GROWING -> growing;
      case CAPTURED -> captured;
      case PRIMARY_RESPONDING -> primaryResponding;
      case PRIMARY_ACCEPTED -> primaryAccepted;
      case ABANDONED -> abandoned;
      case KEYS_READ -> throw new IllegalArgumentException("made for each read");
    };
  }

  @Nullable String scope() {
    return scope;
  }

  Ticket<Copy> ticket() {
    return ticket;
  }

  /** Returns the complete body. */
  Body requireBody() {
    Body captured = body;
    if (captured == null) {
      throw new IllegalStateException("the copy has no body");
    }
    return captured;
  }

  OrderKeys requireOrderKeys() {
    return Objects.requireNonNull(policy.orderKeys());
  }

  boolean hasEnded() {
    return outcome != null;
  }

  /** Returns how the copy has ended, or null. */
  @Nullable Outcome outcome() {
    return outcome;
  }

  /**
   * Returns the request to send.
   *
   * @throws RuntimeException if the head is not valid HTTP
   */
  OutboundRequest outbound(TargetAddress address, String marker) {
    return policy.rewriter().copy(head, pathAndQuery, requireBody(), address, marker);
  }

  // Called by the sender.

  @Override
  public boolean wantsText(Sender.Result result) {
    // A copy that waits for its next attempt would keep the text, which is not charged.
    return !context.dispatcher().permitsRetry(this, result)
        && context.errorTexts().claim(result.status());
  }

  @Override
  public String shown(String text, boolean cut) {
    OutboundRequest sent = request;
    try {
      // Without the request it is not known what is secret.
      return sent == null ? "" : policy.rewriter().withoutSecrets(sent, text, cut);
    } catch (Throwable t) {
      // Most likely out of memory. The response counts all the same.
      return "";
    }
  }

  /** Receives the end of an exchange. */
  @Override
  public void ended(Sender.Result result) {
    context.dispatcher().onExchangeEnded(this, result);
  }

  /** Ends the copy unless it has ended, and reports it to the listener. Throws nothing. */
  void end(Outcome outcome, @Nullable Throwable cause) {
    if (end(outcome, 0, null, cause, capturedBytes())) {
      report(null);
    }
  }

  /** As above, with the result of an exchange, which does not read the body any more. */
  void end(Sender.Result result) {
    int status = result.status();
    Body sent = body;
    if (end(result.outcome(), status, line(result), result.cause(), capturedBytes())) {
      String text = result.text();
      if (text != null) {
        context.errorTexts().keep(result.outcome(), status, text);
      }
      report(text);
      if (sent != null) {
        sent.release();
      }
    }
  }

  /** Returns what the log says about a response, or null. */
  private static @Nullable String line(Sender.Result result) {
    String text = result.text();
    if (text == null) {
      return null;
    }
    try {
      return "status " + result.status() + (text.isEmpty() ? "" : ": " + text);
    } catch (Throwable t) {
      // Out of memory: the copy must end all the same.
      return null;
    }
  }

  private long capturedBytes() {
    Body captured = body;
    return captured == null ? 0 : captured.size();
  }

  /** Counts the outcome and releases the body, unless the copy has ended. Needs no memory. */
  private boolean end(
      Outcome outcome,
      int status,
      @Nullable String text,
      @Nullable Throwable cause,
      long capturedBytes) {
    if (!OUTCOME.compareAndSet(this, null, outcome)) {
      return false;
    }
    this.status = status;
    this.cause = cause;
    this.bodyBytes = capturedBytes;
    this.endedAt = context.clock().getAsLong();
    body = null;
    admission.end();
    context.shares().release(scopeId, BODY_CHARGE.getAndSet(this, RELEASED));
    context.recorder().end(outcome, scope, head, text, cause);
    recordResponse(outcome, status);
    return true;
  }

  private void recordResponse(Outcome outcome, int status) {
    if (outcome.kind() == Outcome.Kind.RESPONDED) {
      context.recorder().targetResponded(responseNanos);
      addResponse(OF_TARGET, status);
    } else if (outcome.kind() == Outcome.Kind.FAILED) {
      addResponse(OF_TARGET, 0);
    }
  }

  /**
   * Reports the end to the listener. Releases the bytes of the head afterwards, so that the budget
   * also bounds the events that wait for a slow listener. Throws nothing.
   */
  void report() {
    report(null);
  }

  private void report(@Nullable String text) {
    Outcome ended = outcome;
    if (ended == null || !context.recorder().hasListener()) {
      context.shares().release(scopeId, headBytes);
      return;
    }
    EndEvent event;
    Runnable release;
    try {
      Duration elapsed = Duration.ofNanos(endedAt - openedAt);
      event = new EndEvent(context.target(), head, ended, status, cause, bodyBytes, elapsed, text);
      release = () -> context.shares().release(scopeId, headBytes);
    } catch (Throwable t) {
      // Out of memory: the event is not reported.
      context.shares().release(scopeId, headBytes);
      return;
    }
    context.recorder().report(event, release);
  }
}
