package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.MirrorListener;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.RequestHead;
import io.github.requestmirror.internal.accounting.EndEvent;
import io.github.requestmirror.internal.accounting.GuardedLog;
import io.github.requestmirror.internal.accounting.LossLog;
import io.github.requestmirror.internal.accounting.OutcomeCounters;
import io.github.requestmirror.internal.accounting.Reporter;
import io.github.requestmirror.internal.capture.Body;
import io.github.requestmirror.internal.capture.ByteBudget;
import io.github.requestmirror.internal.capture.HeadSnapshot;
import io.github.requestmirror.internal.policy.CompiledPolicy;
import io.github.requestmirror.internal.send.HttpSender;
import io.github.requestmirror.internal.send.Sender;
import io.github.requestmirror.internal.send.TargetAddress;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Processes all requests for one target, from the policy to the outcome.
 *
 * <p>The primary's threads evaluate the policy, reserve memory, copy the body and submit events;
 * they never wait. The events and the sender's I/O run on the pipeline's thread, to which order and
 * dispatch are confined. The listener and log lines run on the {@link Reporter}'s thread.
 */
public final class TargetPipeline {
  private static final GuardedLog logger = new GuardedLog(TargetPipeline.class);

  /** How often to check during the drain for copies that ended on other threads. */
  private static final long DRAIN_WATCH_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  /** How long the shutdown waits for each thread, and again after interrupting a listener. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final MirrorTarget target;
  private final ByteBudget budget;
  private final OutcomeCounters counters;
  private final CircuitBreaker breaker = new CircuitBreaker();
  private final LongSupplier clock;
  private final Reporter reporter;
  private final Dispatcher dispatcher;
  private final EventLoop loop;
  private final CountDownLatch drained = new CountDownLatch(1);
  private volatile CompiledPolicy policy;
  private volatile boolean closing;

  /** Starts a pipeline that sends over HTTP. */
  public static TargetPipeline start(
      MirrorTarget target,
      CompiledPolicy policy,
      String marker,
      @Nullable MirrorListener listener) {
    TargetAddress address = TargetAddress.of(target.uri());
    Reporter reporter = new Reporter(target.name(), listener, System::nanoTime);
    Sender sender = HttpSender.start(target, address, reporter);
    return start(target, policy, marker, reporter, address, sender, System::nanoTime);
  }

  static TargetPipeline start(
      MirrorTarget target,
      CompiledPolicy policy,
      String marker,
      Reporter reporter,
      TargetAddress address,
      Sender sender,
      LongSupplier clock) {
    try {
      TargetPipeline pipeline =
          new TargetPipeline(target, policy, marker, reporter, address, sender, clock);
      pipeline.loop.start(pipeline::turn);
      return pipeline;
    } catch (Throwable t) {
      sender.close();
      throw t;
    }
  }

  TargetPipeline(
      MirrorTarget target,
      CompiledPolicy policy,
      String marker,
      Reporter reporter,
      TargetAddress address,
      Sender sender,
      LongSupplier clock) {
    this.target = target;
    this.policy = policy;
    this.reporter = reporter;
    this.clock = clock;
    this.budget = new ByteBudget(target.bufferBytes());
    this.loop = new EventLoop("mirror-" + target.name(), sender, reporter);
    this.counters = new OutcomeCounters(loop::turnSoon);
    this.dispatcher =
        new Dispatcher(
            target,
            address,
            marker,
            sender,
            breaker,
            new LossLog(target.name(), counters, clock.getAsLong(), reporter, logger::warn),
            new GuardedLog(Dispatcher.class, reporter),
            clock);
  }

  public MirrorTarget target() {
    return target;
  }

  public void replacePolicy(CompiledPolicy policy) {
    this.policy = policy;
  }

  // Called on the primary's thread.

  /**
   * Counts a request and decides, before anything is copied, whether to capture it.
   *
   * @param refusal the reason to mirror this request to no target at all, or null
   * @return the policy for {@link #open}, or null if the request has ended
   */
  public @Nullable CompiledPolicy offer(RequestHead head, @Nullable Outcome refusal) {
    counters.offer();
    CompiledPolicy current = policy;
    Outcome end = refusal;
    Throwable cause = null;
    if (end == null) {
      try {
        end = refusal(current, head);
      } catch (Throwable t) {
        end = Outcome.POLICY_ERROR;
        cause = t;
      }
    }
    if (end == null) {
      return current;
    }
    counters.end(end, cause);
    return null;
  }

  private @Nullable Outcome refusal(CompiledPolicy current, RequestHead head) {
    Outcome outcome = current.refusal(head);
    if (outcome != null) {
      return outcome;
    }
    if (closing) {
      return Outcome.CLOSED;
    }
    long declaredLength = HeadSnapshot.declaredLength(head);
    if (declaredLength > target.maxBodyBytes()) {
      return Outcome.BODY_TOO_LARGE;
    }
    if (!budget.hasRoomFor(Math.max(0, declaredLength))) {
      return Outcome.BUFFER_FULL;
    }
    return breaker.permitsCapture(clock.getAsLong()) ? null : Outcome.TARGET_DOWN;
  }

  /**
   * Creates the copy of an offered request.
   *
   * @param head a view of the request, or the head of its copy for another target
   * @return the copy, or null if the request has ended
   */
  public @Nullable Copy open(RequestHead head, CompiledPolicy policy) {
    long charged = 0;
    try {
      HeadSnapshot snapshot = HeadSnapshot.of(head);
      String scope = policy.scope().apply(snapshot);
      String path = policy.rewriter().path(snapshot);
      long headBytes = snapshot.weight() + path.length();
      if (!budget.tryReserve(headBytes)) {
        counters.end(Outcome.BUFFER_FULL, null);
        return null;
      }
      charged = headBytes;
      return new Copy(snapshot, path, headBytes, policy, scope, this);
    } catch (Throwable t) {
      budget.release(charged);
      counters.end(Outcome.POLICY_ERROR, t);
      return null;
    }
  }

  // Called by copies on any thread.

  ByteBudget budget() {
    return budget;
  }

  long now() {
    return clock.getAsLong();
  }

  void captured(Copy copy, Body body) {
    if (body.isReencoded()) {
      counters.reencoded();
    }
    loop.submit(() -> dispatcher.captured(copy));
  }

  void primaryResponding(Copy copy) {
    // A response only delays other copies, so the thread need not wake up; but the event must
    // keep its place in the queue.
    if (copy.ticket().isOrdered() && !copy.hasEnded()) {
      loop.submitQuietly(() -> dispatcher.primaryResponding(copy));
    }
  }

  void primaryAccepted(Copy copy) {
    loop.submit(() -> dispatcher.primaryAccepted(copy));
  }

  void abandoned(Copy copy) {
    loop.submit(() -> dispatcher.abandoned(copy));
  }

  /**
   * Counts the outcome of a copy and reports it to the listener.
   *
   * @param headBytes the head's share of the budget, released when the event has been reported, so
   *     that the budget also bounds the events that wait for a slow listener
   */
  void ended(
      Copy copy,
      Outcome outcome,
      int status,
      @Nullable Object detail,
      long bodyBytes,
      long headBytes) {
    counters.end(outcome, detail);
    boolean handedOver = false;
    try {
      Runnable release = () -> budget.release(headBytes);
      Runnable report = release;
      if (reporter.hasListener()) {
        Throwable cause = detail instanceof Throwable t ? t : null;
        Duration elapsed = Duration.ofNanos(now() - copy.openedAt());
        EndEvent event =
            new EndEvent(target.name(), copy.head(), outcome, status, cause, bodyBytes, elapsed);
        report = () -> reporter.ended(event, release);
      }
      if (loop.isCurrentThread()) {
        handedOver = true;
        report.run();
      } else {
        // Later, so that the budget bounds the events too, and because the reporter may start a
        // thread.
        loop.submit(report);
        handedOver = true;
      }
    } finally {
      if (!handedOver) {
        // Out of memory: the event is not reported.
        budget.release(headBytes);
      }
    }
  }

  // Called on the pipeline's thread.

  private long turn() {
    long idle = dispatcher.turn();
    if (!closing) {
      return idle;
    }
    if (counters.isSettled()) {
      drained.countDown();
    }
    return Math.min(idle, DRAIN_WATCH_NANOS);
  }

  // Called by the mirror on any thread.

  /** Rejects new requests; pending copies are still sent. */
  public void startClosing() {
    closing = true;
    loop.turnSoon();
  }

  /** Waits up to {@code nanos} for pending copies, then aborts the rest and stops all threads. */
  public void finishClosing(long nanos) {
    try {
      drained.await(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    loop.submit(dispatcher::close);
    if (!loop.stop(PATIENCE)) {
      reporter.execute(
          () -> logger.warn("mirror {}: the pipeline's thread does not stop", target.name()));
    }
    reporter.close(PATIENCE);
  }

  public long offered() {
    return counters.offered();
  }

  public long count(Outcome outcome) {
    return counters.count(outcome);
  }

  public long bufferedBytes() {
    return budget.used();
  }

  public int queued() {
    return dispatcher.waiting();
  }

  public int inFlight() {
    return dispatcher.inFlight();
  }

  public long reencoded() {
    return counters.reencodedCount();
  }

  public long retries() {
    return dispatcher.retries();
  }

  public boolean isUp() {
    return breaker.isUp();
  }
}
