package io.github.requestmirror;

import io.github.requestmirror.internal.accounting.DurationCounts;
import io.github.requestmirror.internal.accounting.GuardedLog;
import io.github.requestmirror.internal.accounting.ResponseCounts;
import io.github.requestmirror.internal.capture.BodyCapture;
import io.github.requestmirror.internal.capture.ChunkPool;
import io.github.requestmirror.internal.dispatch.Copy;
import io.github.requestmirror.internal.dispatch.TargetPipeline;
import io.github.requestmirror.internal.dispatch.WaitingCopies;
import io.github.requestmirror.internal.policy.RequestRewriter;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A running mirror: sends fire-and-forget copies of requests to one or more targets.
 *
 * <p>Applications start a mirror, pass it to an adapter such as {@code MirrorFilter}, read {@link
 * #stats()} and close it. Only adapters call {@link #capture}. All methods may be called by any
 * thread. A target cannot affect the caller of {@code capture}: it causes no exception, no wait and
 * no back-pressure.
 */
public final class Mirror implements AutoCloseable {
  private static final GuardedLog logger = new GuardedLog(Mirror.class);

  private final TargetPipeline[] pipelines;
  private final ChunkPool chunks;
  private final Map<String, MirrorPolicy> policies;
  private final String marker;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Its class is loaded at start, because there may be no memory when it is needed. */
  private final Capture none = Capture.none();

  private volatile boolean enabled = true;
  private volatile @Nullable MBeanEntry mbean;

  private Mirror(Builder builder) {
    this.marker = builder.marker;
    this.policies = new ConcurrentHashMap<>(builder.policies);
    this.chunks =
        new ChunkPool(
            builder.targets.values().stream().mapToLong(MirrorTarget::bufferBytes).max().orElse(0));
    List<TargetPipeline> started = new ArrayList<>();
    try {
      for (MirrorTarget target : builder.targets.values()) {
        MirrorPolicy policy = policy(target.name());
        started.add(TargetPipeline.start(target, policy.compiled(), marker, builder.listener));
        logger.info("mirroring to {} with {}", target, policy);
      }
    } catch (Throwable t) {
      started.forEach(TargetPipeline::startClosing);
      started.forEach(pipeline -> pipeline.finishClosing(0));
      throw t;
    }
    this.pipelines = started.toArray(TargetPipeline[]::new);
    warnIfBuffersAreLarge(builder.targets.values());
  }

  /** The application needs most of the heap for itself. */
  private static void warnIfBuffersAreLarge(Collection<MirrorTarget> targets) {
    long buffers = 0;
    for (MirrorTarget target : targets) {
      buffers += target.bufferBytes();
    }
    long heap = Runtime.getRuntime().maxMemory();
    if (buffers > heap / 4) {
      logger.warn(
          "the targets may buffer {} bytes, more than a quarter of the heap of {} bytes;"
              + " lower bufferBytes or enlarge the heap",
          buffers,
          heap);
    }
  }

  /**
   * Starts a mirror with one target.
   *
   * @param target where copies are sent
   * @param policy which requests are copied
   * @return the running mirror
   */
  public static Mirror start(MirrorTarget target, MirrorPolicy policy) {
    return builder().target(target, policy).start();
  }

  /** Returns a builder for a mirror with several targets, a listener or another marker header. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Starts the capture of a request. For adapters. Evaluates the policies on the calling thread; an
   * exception in a policy's function is counted as {@link Outcome#POLICY_ERROR} and not thrown.
   *
   * @param head a view of the request, used only during the call
   * @return the capture, or {@link Capture#none()} when no target mirrors the request
   */
  public Capture capture(RequestHead head) {
    Outcome refusal = refusal(head);
    @Nullable Copy[] copies = null;
    Copy last = null;
    int offered = 0;
    try {
      while (offered < pipelines.length) {
        // The targets share one snapshot of the head.
        RequestHead source = last == null ? head : last.head();
        Copy copy = pipelines[offered++].admit(source, refusal);
        if (copy != null) {
          last = copy;
          if (copies == null) {
            copies = new Copy[pipelines.length];
          }
          copies[offered - 1] = copy;
        }
      }
      return copies == null || last == null
          ? none
          : new BodyCapture(copies, last.head().contentLength(), System::nanoTime, chunks);
    } catch (Throwable t) {
      // Probably out of memory: end the copies that were opened, and count the rest.
      for (int i = 0; copies != null && i < copies.length; i++) {
        abandon(copies[i], t);
      }
      abandon(last, t);
      while (offered < pipelines.length) {
        pipelines[offered++].admit(head, Outcome.INTERNAL_ERROR);
      }
      return none;
    }
  }

  /**
   * As {@link #capture(RequestHead)}, for adapters that open the capture when the request is under
   * way already.
   *
   * @param head a view of the request, used only during the call
   * @param startNanos when the request began, by {@link System#nanoTime}: durations count from then
   * @return the capture, or {@link Capture#none()} when no target mirrors the request
   */
  public Capture capture(RequestHead head, long startNanos) {
    Capture capture = capture(head);
    if (capture instanceof BodyCapture opened) {
      opened.startedAt(startNanos);
    }
    return capture;
  }

  private static void abandon(@Nullable Copy copy, Throwable cause) {
    if (copy != null) {
      copy.abandon(Outcome.INTERNAL_ERROR, 0, cause);
    }
  }

  /** Returns the reason to mirror this request to no target at all, or null. */
  private @Nullable Outcome refusal(RequestHead head) {
    try {
      if (!enabled) {
        return Outcome.DISABLED;
      }
      if (head.header(marker) != null) {
        return Outcome.LOOP;
      }
      return isUpgrade(head) ? Outcome.UPGRADE : null;
    } catch (Throwable t) {
      try {
        logger.debug("failed to read the head of a request", t);
      } catch (Throwable outOfMemory) {
        // There is no line about it.
      }
      return Outcome.INTERNAL_ERROR;
    }
  }

  /**
   * Returns whether the request opens a tunnel or a web socket (RFC 6455 4.1). A server ignores
   * other protocols unless it responds with 101, which the capture handles.
   */
  private static boolean isUpgrade(RequestHead head) {
    if (head.method().equalsIgnoreCase("CONNECT")) {
      return true;
    }
    if (!head.method().equals("GET") || head.header("Upgrade") == null) {
      return false;
    }
    for (String value : head.headers().values("Upgrade")) {
      for (String protocol : value.split(",", -1)) {
        if (protocol.trim().equalsIgnoreCase("websocket")) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Returns the current policy of a target.
   *
   * @param target {@link MirrorTarget#name()}
   * @throws IllegalArgumentException when there is no such target
   */
  public MirrorPolicy policy(String target) {
    MirrorPolicy policy = policies.get(Objects.requireNonNull(target, "target"));
    if (policy == null) {
      throw new IllegalArgumentException(
          "target '" + target + "' is unknown, must be one of " + policies.keySet());
    }
    return policy;
  }

  /**
   * Replaces the policy of a target. Requests captured before this call keep the old policy. If the
   * new policy has another scope or order, requests captured before and after this call are not
   * ordered relative to each other.
   *
   * @param target {@link MirrorTarget#name()}
   * @param policy the new policy
   * @throws IllegalArgumentException when there is no such target
   */
  public synchronized void replacePolicy(String target, MirrorPolicy policy) {
    Objects.requireNonNull(policy, "policy");
    policy(target);
    policies.put(target, policy);
    for (TargetPipeline pipeline : pipelines) {
      if (pipeline.target().name().equals(target)) {
        pipeline.replacePolicy(policy.compiled());
      }
    }
    logger.info("mirroring to {} with {}", target, policy);
  }

  /**
   * Replaces the fraction of a target's policy and keeps everything else of it, also what another
   * thread replaces at the same time.
   *
   * @param target {@link MirrorTarget#name()}
   * @param fraction from 0 (no requests) to 1 (all requests)
   * @throws IllegalArgumentException when there is no such target, or the fraction is out of range
   */
  public synchronized void fraction(String target, double fraction) {
    replacePolicy(target, policy(target).toBuilder().fraction(fraction).build());
  }

  /** Returns the targets, in the order in which they were added. */
  List<MirrorTarget> targets() {
    return Arrays.stream(pipelines).map(TargetPipeline::target).toList();
  }

  /** Returns whether mirroring is enabled; see {@link #enabled(boolean)}. Default true. */
  public boolean enabled() {
    return enabled;
  }

  /**
   * The kill switch. While it is off, every new request counts as {@link Outcome#DISABLED}. Pending
   * copies are still sent.
   *
   * @param enabled false to stop mirroring, true to resume
   */
  public void enabled(boolean enabled) {
    this.enabled = enabled;
    logger.info("mirroring is {}", enabled ? "on" : "off");
  }

  /** Returns a snapshot of the statistics of all targets. */
  public MirrorStats stats() {
    List<MirrorStats.Target> targets = new ArrayList<>();
    for (TargetPipeline pipeline : pipelines) {
      Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
      for (Outcome outcome : Outcome.values()) {
        outcomes.put(outcome, pipeline.count(outcome));
      }
      WaitingCopies waiting = pipeline.waiting();
      targets.add(
          new MirrorStats.Target(
              pipeline.target().name(),
              pipeline.offered(),
              outcomes,
              new MirrorStats.Waiting(
                  waiting.all(),
                  waiting.forOrder(),
                  waiting.forPlace(),
                  waiting.forRetry(),
                  Duration.ofNanos(waiting.oldestNanos())),
              pipeline.inFlight(),
              pipeline.retries(),
              pipeline.reencoded(),
              pipeline.bodiesRead(),
              pipeline.bodiesUnreadable(),
              pipeline.bufferedBytes(),
              pipeline.isUp(),
              pipeline.lastRejection(),
              details(pipeline)));
    }
    return new MirrorStats(targets);
  }

  private static MirrorStats.Details details(TargetPipeline pipeline) {
    ResponseCounts responses = pipeline.responses();
    List<MirrorStats.ScopeLosses> losses =
        pipeline.scopeLosses().losses().stream()
            .map(loss -> new MirrorStats.ScopeLosses(loss.scope(), loss.count()))
            .sorted(Comparator.comparingLong(MirrorStats.ScopeLosses::count).reversed())
            .toList();
    long shown = losses.stream().mapToLong(MirrorStats.ScopeLosses::count).sum();
    return new MirrorStats.Details(
        pipeline.target(),
        durations(responses.ofTarget()),
        durations(responses.ofPrimary()),
        Arrays.stream(responses.pairs()).boxed().toList(),
        losses,
        pipeline.scopeLosses().total() - shown);
  }

  private static MirrorStats.Durations durations(DurationCounts counts) {
    return new MirrorStats.Durations(
        counts.counts(), Duration.of(counts.totalMicros(), ChronoUnit.MICROS));
  }

  private void register(String name) {
    try {
      mbean = MBeanEntry.register(this, name);
    } catch (LinkageError e) {
      logger.info("no MBean '{}': the module java.management is missing ({})", name, e.toString());
    } catch (Throwable t) {
      logger.warn("no MBean '{}': {}; the mirror works without", name, t.toString());
    }
  }

  private void unregister() {
    MBeanEntry registered = mbean;
    if (registered == null) {
      return;
    }
    try {
      registered.remove();
    } catch (Throwable t) {
      // The mirror must close in any case.
      logger.debug("failed to remove the MBean", t);
    }
  }

  /**
   * Rejects new requests, waits up to {@link MirrorTarget#drainTimeout()} for pending copies,
   * counts the remaining ones as {@link Outcome#CLOSED} or {@link Outcome#ABORTED}, and stops all
   * threads. An interrupt of the caller ends the wait. A listener that does not return is
   * interrupted. Stop the adapters first: this method waits for open captures, but at most for one
   * second, because its caller may be a mirrored request. A second call has no effect.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    unregister();
    long start = System.nanoTime();
    for (TargetPipeline pipeline : pipelines) {
      pipeline.startClosing();
    }
    for (TargetPipeline pipeline : pipelines) {
      long left = pipeline.target().drainTimeout().toNanos() - (System.nanoTime() - start);
      pipeline.finishClosing(Math.max(0, left));
    }
    logger.info("mirror closed: {}", stats());
  }

  /** Builds a mirror. Not thread-safe. */
  public static final class Builder {
    private final Map<String, MirrorTarget> targets = new LinkedHashMap<>();
    private final Map<String, MirrorPolicy> policies = new LinkedHashMap<>();
    private @Nullable MirrorListener listener;
    private String marker = "X-Request-Mirror";
    private @Nullable String mbeanName;

    private Builder() {}

    /**
     * Adds a target with its own policy.
     *
     * @param target where copies are sent; its name must be unique
     * @param policy which requests are copied to this target
     * @return this
     */
    public Builder target(MirrorTarget target, MirrorPolicy policy) {
      Objects.requireNonNull(target, "target");
      Objects.requireNonNull(policy, "policy");
      if (targets.putIfAbsent(target.name(), target) != null) {
        throw new IllegalArgumentException(
            "target name '" + target.name() + "' is taken; give each target a name of its own");
      }
      policies.put(target.name(), policy);
      return this;
    }

    /**
     * Sets the listener for outcomes. Default: none.
     *
     * @param listener called on a thread of its own for each target, one call at a time
     * @return this
     */
    public Builder listener(MirrorListener listener) {
      this.listener = Objects.requireNonNull(listener, "listener");
      return this;
    }

    /**
     * Sets the header that marks a copy. A request with this header is not mirrored again, which
     * prevents loops. Gateways that may mirror to each other must use the same name. Default {@code
     * X-Request-Mirror}.
     *
     * @param name a header name
     * @return this
     */
    public Builder markerHeader(String name) {
      Require.token("markerHeader", name);
      if (RequestRewriter.isManaged(name)) {
        throw new IllegalArgumentException(
            "markerHeader '" + name + "' is not possible: the mirror manages this header itself");
      }
      this.marker = name;
      return this;
    }

    /**
     * Registers an MBean of the mirror from its start to its close, with the statistics of each
     * target, {@code Enabled}, which can be set, and {@code setFraction}. It is in the platform's
     * MBean server as {@code io.github.requestmirror:type=Mirror,name=NAME}. If that fails, because
     * the name is taken or the module {@code java.management} is missing, the mirror logs it once
     * and works without. Default: none.
     *
     * @param name unique among the mirrors of the JVM; best the same after a restart
     * @return this
     */
    public Builder mbeanName(String name) {
      Objects.requireNonNull(name, "name");
      if (name.isBlank()) {
        throw new IllegalArgumentException("mbeanName is blank");
      }
      this.mbeanName = name;
      return this;
    }

    /**
     * Starts the mirror and its threads. Waits for the first DNS lookup of each target, for at most
     * {@link MirrorTarget#connectTimeout()}. An unreachable target is not an error.
     *
     * @return the running mirror
     * @throws IllegalArgumentException when there is no target
     */
    public Mirror start() {
      if (targets.isEmpty()) {
        throw new IllegalArgumentException("target is missing; a mirror needs at least one");
      }
      Mirror mirror = new Mirror(this);
      if (mbeanName != null) {
        mirror.register(mbeanName);
      }
      return mirror;
    }
  }
}
