package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.internal.capture.Body;
import io.github.requestmirror.internal.capture.CaptureSink;
import io.github.requestmirror.internal.capture.HeadSnapshot;
import io.github.requestmirror.internal.ordering.Ordering;
import io.github.requestmirror.internal.policy.CompiledPolicy;
import io.github.requestmirror.internal.send.OutboundRequest;
import io.github.requestmirror.internal.send.Sender;
import io.github.requestmirror.internal.send.TargetAddress;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way to one target. Holds a share of the target's byte budget from its creation
 * to its end, and ends once, whoever ends it.
 *
 * <p>The capture owns it until {@link #captured} or {@link #abandon}; from then on the leg's thread
 * does. The hand-over goes through the leg's event queue, which publishes the fields.
 */
public final class Copy implements CaptureSink {
  private final HeadSnapshot head;
  private final CompiledPolicy policy;
  private final TargetPipeline pipeline;
  private final long openedAt;
  private final Ordering.Ticket<Copy> ticket;
  private final AtomicBoolean ended = new AtomicBoolean();
  private long bodyCharge;
  private @Nullable Body body;

  /** Whether the primary's response, if that matters, has come. The leg's thread, once captured. */
  boolean heldForPrimary;

  // The leg's thread only.
  long capturedAt;
  boolean isCaptured;

  /** When the primary responded, of a body that was not complete by then. */
  long respondedAt;

  /** Whether it took too long after that, and nobody waits for it any more. */
  boolean expiredInOrder;

  long sentAt;
  Sender.@Nullable Exchange exchange;

  /** What is sent, in each attempt the same. */
  @Nullable OutboundRequest request;

  int retryCount;
  long retryAt;
  long retryNumber;

  /** How the last attempt ended. */
  Sender.@Nullable Result lastResult;

  /** The leg has charged the head's weight. */
  Copy(HeadSnapshot head, CompiledPolicy policy, @Nullable String scope, TargetPipeline pipeline) {
    this.head = head;
    this.policy = policy;
    this.pipeline = pipeline;
    this.openedAt = pipeline.now();
    this.ticket = new Ordering.Ticket<>(this, policy.order().of(head), scope);
    this.heldForPrimary = policy.waitsForPrimary();
  }

  // From the capture.

  @Override
  public long maxBodyBytes() {
    return pipeline.target().maxBodyBytes();
  }

  @Override
  public boolean waitsForPrimary() {
    return policy.waitsForPrimary();
  }

  @Override
  public boolean wantsPrimaryStatus(int status) {
    return policy.wantsPrimaryStatus(status);
  }

  /** Before the hand-over: the copy waits for the primary's response, of whatever status. */
  @Override
  public void hold() {
    heldForPrimary = true;
  }

  /** Charges the target for more of the body; false when it has no room. */
  @Override
  public boolean reserve(int bytes) {
    if (!pipeline.budget().tryReserve(bytes)) {
      return false;
    }
    bodyCharge += bytes;
    return true;
  }

  /** Takes back what {@link #reserve} charged. */
  @Override
  public void releaseBody() {
    pipeline.budget().release(bodyCharge);
    bodyCharge = 0;
  }

  /** Hands the whole body over. */
  @Override
  public void captured(Body body) {
    this.body = body;
    pipeline.captured(this, body);
  }

  @Override
  public void primaryResponding() {
    pipeline.primaryResponding(this);
  }

  @Override
  public void primaryAccepted() {
    pipeline.primaryAccepted(this);
  }

  /** Ends the copy from the capture's side. */
  @Override
  public void abandon(Outcome outcome, long capturedBytes, @Nullable Throwable cause) {
    if (end(outcome, 0, cause, capturedBytes)) {
      pipeline.abandoned(this);
    }
  }

  /**
   * Releases the last of the budget of an abandoned copy, once no event holds it any more: what
   * waits for a thread that a listener holds up is bounded too.
   */
  void releaseHeadBytes() {
    pipeline.budget().release(head.weight());
  }

  public HeadSnapshot head() {
    return head;
  }

  // From the dispatcher.

  long openedAt() {
    return openedAt;
  }

  Ordering.Ticket<Copy> ticket() {
    return ticket;
  }

  boolean hasEnded() {
    return ended.get();
  }

  /** Returns what to send, or null when the path turned out to be a denied endpoint. */
  @Nullable OutboundRequest outbound(TargetAddress address, String marker) {
    Body captured = body;
    return policy.copyHead().copy(head, captured == null ? new Body() : captured, address, marker);
  }

  void end(Sender.Result result) {
    Body captured = body;
    long bytes = captured == null ? 0 : captured.size();
    if (end(result.outcome(), result.status(), result.detail(), bytes)) {
      request = null;
      exchange = null;
      lastResult = null;
      releaseHeadBytes();
    }
  }

  private boolean end(Outcome outcome, int status, @Nullable Object detail, long capturedBytes) {
    if (!ended.compareAndSet(false, true)) {
      return false;
    }
    body = null;
    pipeline.budget().release(bodyCharge);
    pipeline.ended(this, outcome, status, detail, capturedBytes);
    return true;
  }
}
