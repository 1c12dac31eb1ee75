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
 * The copy of one request for one target. Holds part of the target's byte budget from its creation
 * to its end. Ends exactly once.
 *
 * <p>Owned by the capture until {@link #captured} or {@link #abandon}, then by the pipeline's
 * thread. The hand-over goes through the pipeline's event queue, which publishes the fields safely.
 */
public final class Copy implements CaptureSink {
  private final HeadSnapshot head;
  private final String path;
  private final long headBytes;
  private final CompiledPolicy policy;
  private final TargetPipeline pipeline;
  private final long openedAt;
  private final Ordering.Ticket<Copy> ticket;
  private final AtomicBoolean ended = new AtomicBoolean();
  private long bodyCharge;
  private @Nullable Body body;

  /** Whether to wait for the primary's response. After the capture, pipeline's thread only. */
  boolean heldForPrimary;

  // The fields below are confined to the pipeline's thread.
  long capturedAt;
  boolean isCaptured;

  /** When the primary responded, if the body was not complete by then. */
  long respondedAt;

  /** Whether the body took too long after that response, so that no copy waits for it any more. */
  boolean expiredInOrder;

  long sentAt;
  Sender.@Nullable Exchange exchange;

  /** The request to send, the same in each attempt. */
  @Nullable OutboundRequest request;

  int retryCount;
  long retryAt;
  long retryNumber;

  /** The result of the last attempt, while the copy waits for a retry. */
  Sender.@Nullable Result lastResult;

  /**
   * Creates a copy.
   *
   * @param path the rewritten path
   * @param headBytes what the caller has reserved for the head and the path
   */
  Copy(
      HeadSnapshot head,
      String path,
      long headBytes,
      CompiledPolicy policy,
      @Nullable String scope,
      TargetPipeline pipeline) {
    this.head = head;
    this.path = path;
    this.headBytes = headBytes;
    this.policy = policy;
    this.pipeline = pipeline;
    this.openedAt = pipeline.now();
    this.ticket = new Ordering.Ticket<>(this, policy.order().of(head), scope);
    this.heldForPrimary = policy.waitsForPrimary();
  }

  // Called by the capture.

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

  @Override
  public void hold() {
    heldForPrimary = true;
  }

  @Override
  public boolean reserve(int bytes) {
    if (!pipeline.budget().tryReserve(bytes)) {
      return false;
    }
    bodyCharge += bytes;
    return true;
  }

  @Override
  public void releaseBody() {
    pipeline.budget().release(bodyCharge);
    bodyCharge = 0;
  }

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

  @Override
  public void abandon(Outcome outcome, long capturedBytes, @Nullable Throwable cause) {
    if (end(outcome, 0, cause, capturedBytes)) {
      pipeline.abandoned(this);
    }
  }

  public HeadSnapshot head() {
    return head;
  }

  // Called by the dispatcher.

  long openedAt() {
    return openedAt;
  }

  Ordering.Ticket<Copy> ticket() {
    return ticket;
  }

  boolean hasEnded() {
    return ended.get();
  }

  /** Returns the request to send, or null if its rewritten path is denied. */
  @Nullable OutboundRequest outbound(TargetAddress address, String marker) {
    Body captured = body;
    Body sent = captured == null ? new Body() : captured;
    return policy.rewriter().copy(head, path, sent, address, marker);
  }

  void end(Sender.Result result) {
    Body captured = body;
    long bytes = captured == null ? 0 : captured.size();
    if (end(result.outcome(), result.status(), result.detail(), bytes)) {
      request = null;
      exchange = null;
      lastResult = null;
    }
  }

  private boolean end(Outcome outcome, int status, @Nullable Object detail, long capturedBytes) {
    if (!ended.compareAndSet(false, true)) {
      return false;
    }
    body = null;
    pipeline.budget().release(bodyCharge);
    pipeline.ended(this, outcome, status, detail, capturedBytes, headBytes);
    return true;
  }
}
