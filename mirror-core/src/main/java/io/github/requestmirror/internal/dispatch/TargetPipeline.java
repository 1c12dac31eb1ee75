package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorListener;
import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.RequestHead;
import io.github.requestmirror.internal.accounting.ErrorTexts;
import io.github.requestmirror.internal.accounting.GuardedLog;
import io.github.requestmirror.internal.accounting.LossLog;
import io.github.requestmirror.internal.accounting.MatchLog;
import io.github.requestmirror.internal.accounting.OnDemandThread;
import io.github.requestmirror.internal.accounting.OutcomeCounters;
import io.github.requestmirror.internal.accounting.OutcomeRecorder;
import io.github.requestmirror.internal.accounting.Reporter;
import io.github.requestmirror.internal.accounting.ResponseCounts;
import io.github.requestmirror.internal.accounting.ScopeLosses;
import io.github.requestmirror.internal.capture.ByteBudget;
import io.github.requestmirror.internal.capture.HeadSnapshot;
import io.github.requestmirror.internal.policy.CompiledPolicy;
import io.github.requestmirror.internal.policy.RequestTarget;
import io.github.requestmirror.internal.send.HttpSender;
import io.github.requestmirror.internal.send.Sender;
import io.github.requestmirror.internal.send.TargetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
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
  private static final GuardedLog logger = new GuardedLog(Mirror.class);

  /** How often to check during the drain for requests that ended on other threads. */
  private static final long DRAIN_WATCH_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  /**
   * How long the drain waits for requests that the primary is still reading. The request that
   * closes the mirror may be one of them.
   */
  private static final long OPEN_CAPTURE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** How long the shutdown waits for each thread, and again after interrupting a listener. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final MirrorTarget target;
  private final TargetAddress address;
  private final ByteBudget budget;
  private final OutcomeCounters counters = new OutcomeCounters();
  private final OutcomeRecorder recorder;
  private final MatchLog matchLog;
  private final CircuitBreaker breaker;
  private final ScopeShares shares;
  private final LongSupplier clock;
  private final Reporter reporter;
  private final EventLoop loop;
  private final Dispatcher dispatcher;
  private final ErrorTexts errorTexts;
  private final Copy.Context context;
  private final CountDownLatch drained = new CountDownLatch(1);
  private volatile CompiledPolicy policy;
  private volatile long closingSince;
  private volatile boolean closing;

  /** Starts a pipeline that sends over HTTP. */
  public static TargetPipeline start(
      MirrorTarget target,
      CompiledPolicy policy,
      String marker,
      @Nullable MirrorListener listener) {
    LongSupplier clock = System::nanoTime;
    DoubleSupplier random = () -> ThreadLocalRandom.current().nextDouble();
    Reporter reporter = Reporter.start(target.name(), listener, clock);
    Sender sender = HttpSender.start(target, TargetAddress.of(target.uri()), reporter);
    try {
      String name = "mirror-" + target.name();
      ExecutorService keys = OnDemandThread.executor(name + "-keys", new ArrayBlockingQueue<>(1));
      TargetPipeline pipeline =
          new TargetPipeline(
              target, policy, marker, reporter, keys, sender, new LoopThread(name), clock, random);
      pipeline.start();
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
      ExecutorService keys,
      Sender sender,
      LoopDriver driver,
      LongSupplier clock,
      DoubleSupplier random) {
    this.target = target;
    this.address = TargetAddress.of(target.uri());
    this.policy = policy;
    this.reporter = reporter;
    this.clock = clock;
    this.budget = new ByteBudget(target.bufferBytes());
    this.shares = new ScopeShares(budget, target.maxInFlight(), clock);
    this.breaker = new CircuitBreaker(target.maxRetries() > 0, new BackoffDelays(random));
    this.loop =
        new EventLoop(
            "mirror-" + target.name(), sender, driver, new GuardedLog(Mirror.class, reporter));
    LossLog lossLog =
        new LossLog(
            target.name(), counters, clock.getAsLong(), reporter, logger::warn, loop::turnSoon);
    this.recorder = new OutcomeRecorder(counters, lossLog, reporter);
    this.errorTexts = new ErrorTexts(lossLog, clock, InstantSource.system());
    this.matchLog = new MatchLog(target.name(), counters, reporter, logger::warn);
    this.dispatcher =
        new Dispatcher(
            target,
            loop,
            address,
            marker,
            sender,
            breaker,
            shares,
            keys,
            lossLog,
            new GuardedLog(Mirror.class, reporter),
            clock);
    this.context =
        new Copy.Context(
            target.name(), target.maxBodyBytes(), clock, shares, recorder, errorTexts, dispatcher);
  }

  /** Starts the event loop. */
  void start() {
    loop.start(new Drain());
  }

  public MirrorTarget target() {
    return target;
  }

  public void replacePolicy(CompiledPolicy policy) {
    this.policy = policy;
  }

  /**
   * Counts a request, and opens a copy if the request is to be mirrored to this target. Runs on the
   * primary's thread; throws nothing. Nothing is copied before it is decided.
   *
   * @param request a view of the request, or the head of its copy for another target
   * @param refusal the reason to mirror this request to no target at all, or null
   * @return the copy, or null if the request has ended
   */
  public @Nullable Copy admit(RequestHead request, @Nullable Outcome refusal) {
    recorder.offer();
    Outcome end = refusal == null ? refusalByMethod(request) : refusal;
    if (end == null) {
      return open(request);
    }
    recorder.refuse(end, null, null, null);
    return null;
  }

  /**
   * Most requests that are not wanted end here, before the path is read. In a small method, so that
   * the JVM can do without the view of the request.
   */
  private @Nullable Outcome refusalByMethod(RequestHead request) {
    try {
      return policy.matchesMethod(request.method()) ? null : Outcome.NOT_MATCHED;
    } catch (Throwable t) {
      // open() meets it again and counts it.
      return null;
    }
  }

  private @Nullable Copy open(RequestHead request) {
    Outcome end = null;
    RequestHead valid = null;
    String scope = null;
    Throwable cause = null;
    long charged = 0;
    int scopeId = 0;
    Admission admission = Admission.GRANTED;
    try {
      CompiledPolicy current = policy;
      boolean isOrdinary = current.deny().isOrdinary(request.rawPath());
      RequestHead head = isOrdinary ? request : RequestTarget.normalized(request);
      valid = head;
      end = current.refusal(head);
      if (end == null && closing) {
        end = Outcome.CLOSED;
      }
      if (end == null) {
        scope = current.scope().apply(head);
        scopeId = shares.id(scope);
        shares.active(scopeId);
        admission = breaker.admit(scope, clock);
        end = admission.refusal();
        if (end == null) {
          long declaredLength = head.contentLength();
          end =
              declaredLength > target.maxBodyBytes()
                  ? Outcome.BODY_TOO_LARGE
                  : shares.refusal(scopeId, Math.max(0, declaredLength));
        }
        if (end == null) {
          HeadSnapshot snapshot = HeadSnapshot.of(head);
          String pathAndQuery = current.rewriter().pathAndQuery(snapshot, address);
          if (pathAndQuery == null) {
            end = Outcome.DENIED;
          } else {
            long headBytes = CopyWeight.of(snapshot, pathAndQuery, scope);
            end = shares.reserve(scopeId, headBytes, 0);
            if (end == null) {
              charged = headBytes;
              return new Copy(
                  snapshot, pathAndQuery, headBytes, current, scope, scopeId, admission, context);
            }
          }
        }
      }
    } catch (Throwable t) {
      shares.release(scopeId, charged);
      end = t instanceof OutOfMemoryError ? Outcome.INTERNAL_ERROR : Outcome.POLICY_ERROR;
      cause = t;
    }
    admission.end();
    recorder.refuse(end, scope, valid, cause);
    return null;
  }

  /** The work of the dispatcher, watched during the shutdown. */
  private final class Drain implements EventLoop.Work {
    @Override
    public void process(CopyEvent event) {
      dispatcher.process(event);
    }

    @Override
    public long turn() {
      long idle = dispatcher.turn();
      matchLog.tick();
      if (!closing) {
        return idle;
      }
      boolean onlyOpenCapturesLeft =
          dispatcher.isIdle() && clock.getAsLong() - closingSince >= OPEN_CAPTURE_NANOS;
      if (onlyOpenCapturesLeft || counters.isSettled()) {
        drained.countDown();
      }
      return Math.min(idle, DRAIN_WATCH_NANOS);
    }

    @Override
    public void close() {
      dispatcher.close();
    }
  }

  /** Rejects new requests; pending copies are still sent. Any thread. */
  public void startClosing() {
    closingSince = clock.getAsLong();
    closing = true;
    loop.turnSoon();
  }

  /** Waits up to {@code nanos} for pending copies, then aborts the rest and stops all threads. */
  public void finishClosing(long nanos) {
    LoopDriver driver = loop.driver();
    try {
      driver.await(drained, nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    loop.stop();
    if (!driver.join(PATIENCE)) {
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
    return budget.used() + dispatcher.gauges().keyBytes();
  }

  public ResponseCounts responses() {
    return recorder.responses();
  }

  public ScopeLosses scopeLosses() {
    return recorder.scopeLosses();
  }

  public WaitingCopies waiting() {
    return dispatcher.gauges().waiting(clock.getAsLong());
  }

  public long bodiesRead() {
    return dispatcher.bodiesRead();
  }

  public long bodiesUnreadable() {
    return dispatcher.bodiesUnreadable();
  }

  public int inFlight() {
    return dispatcher.gauges().inFlight();
  }

  public long reencoded() {
    return counters.reencodedCount();
  }

  public long retries() {
    return dispatcher.retries();
  }

  public MirrorStats.@Nullable Rejection lastRejection() {
    return errorTexts.lastRejection();
  }

  public boolean isUp() {
    return breaker.isUp();
  }
}
