package io.github.requestmirror;

import io.github.requestmirror.internal.accounting.GuardedLog;
import io.github.requestmirror.internal.capture.BodyCapture;
import io.github.requestmirror.internal.capture.HeadSnapshot;
import io.github.requestmirror.internal.dispatch.Copy;
import io.github.requestmirror.internal.dispatch.TargetPipeline;
import io.github.requestmirror.internal.policy.CompiledPolicy;
import io.github.requestmirror.internal.policy.RequestRewriter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The running mirror: sends fire-and-forget copies of requests to one or more targets.
 *
 * <p>Adapters such as {@code MirrorFilter} call {@link #capture}; everyone else builds a mirror,
 * hands it to an adapter, watches {@link #stats()} and closes it. All methods may be called by any
 * thread. Nothing the targets do reaches the caller of {@code capture}: no exception, no wait, no
 * back-pressure.
 */
public final class Mirror implements AutoCloseable {
  private static final GuardedLog logger = new GuardedLog(Mirror.class);

  private final TargetPipeline[] pipelines;
  private final Map<String, MirrorPolicy> policies;
  private final String marker;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile boolean enabled = true;

  private Mirror(Builder builder) {
    this.marker = builder.marker;
    this.policies = new ConcurrentHashMap<>(builder.policies);
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
  }

  /**
   * Starts a mirror with one target.
   *
   * @param target where copies go
   * @param policy which requests are copied
   * @return the running mirror
   */
  public static Mirror start(MirrorTarget target, MirrorPolicy policy) {
    return builder().target(target, policy).start();
  }

  /**
   * Returns a builder of a mirror with several targets, a listener, or a marker of its own.
   *
   * @return the builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Opens the capture of a request, for adapters. Runs the policies' predicates; whatever they
   * throw is counted, not thrown.
   *
   * @param head a view of the request, used during the call only
   * @return the capture; {@link Capture#none()} when no target wants the request
   */
  public Capture capture(RequestHead head) {
    Outcome refusal = refusal(head);
    RequestHead source = head;
    @Nullable Copy[] copies = null;
    boolean wanted = false;
    try {
      for (int i = 0; i < pipelines.length; i++) {
        CompiledPolicy rules = pipelines[i].offer(head, refusal);
        if (rules == null) {
          continue;
        }
        if (copies == null) {
          copies = new Copy[pipelines.length];
        }
        Copy copy = pipelines[i].open(source, rules);
        if (copy != null) {
          wanted = true;
          copies[i] = copy;
          source = copy.head();
        }
      }
      return wanted && copies != null
          ? new BodyCapture(copies, HeadSnapshot.declaredLength(source))
          : Capture.none();
    } catch (Throwable t) {
      // Want of memory; what was opened must not stay open.
      for (int i = 0; copies != null && i < copies.length; i++) {
        Copy copy = copies[i];
        if (copy != null) {
          copy.abandon(Outcome.INTERNAL_ERROR, 0, t);
        }
      }
      return Capture.none();
    }
  }

  /** Returns why no target at all gets this request, or null. */
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
      logger.debug("a request's head could not be read", t);
      return Outcome.INTERNAL_ERROR;
    }
  }

  /** An h2c upgrade changes the framing only; the request goes on as HTTP/2. */
  private static boolean isUpgrade(RequestHead head) {
    if (head.method().equalsIgnoreCase("CONNECT")) {
      return true;
    }
    String protocol = head.header("Upgrade");
    return protocol != null && !protocol.regionMatches(true, 0, "h2c", 0, 3);
  }

  /**
   * Returns the present policy of a target.
   *
   * @param target {@link MirrorTarget#name()}
   * @return the policy
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
   * Swaps the policy of a target. Requests captured before keep the policy they were captured with;
   * where the new one has another scope or order, they are not ordered against those captured
   * after.
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
   * Tells whether requests are mirrored at all.
   *
   * @return true unless switched off
   */
  public boolean enabled() {
    return enabled;
  }

  /**
   * The kill switch: off, every request counts as {@link Outcome#DISABLED}. What is pending goes
   * on.
   *
   * @param enabled whether requests are mirrored
   */
  public void enabled(boolean enabled) {
    this.enabled = enabled;
    logger.info("mirroring is {}", enabled ? "on" : "off");
  }

  /**
   * Returns what became of the requests so far.
   *
   * @return a snapshot
   */
  public MirrorStats stats() {
    List<MirrorStats.Target> targets = new ArrayList<>();
    for (TargetPipeline pipeline : pipelines) {
      Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
      for (Outcome outcome : Outcome.values()) {
        outcomes.put(outcome, pipeline.count(outcome));
      }
      targets.add(
          new MirrorStats.Target(
              pipeline.target().name(),
              pipeline.offered(),
              outcomes,
              pipeline.queued(),
              pipeline.inFlight(),
              pipeline.retries(),
              pipeline.reencoded(),
              pipeline.bufferedBytes(),
              pipeline.isUp()));
    }
    return new MirrorStats(targets);
  }

  /**
   * Takes no more requests, waits until nothing is pending or {@link MirrorTarget#drainTimeout()}
   * is over, counts what is left as {@link Outcome#CLOSED} or {@link Outcome#ABORTED}, and ends all
   * threads. Interrupting the caller ends the wait. A listener that does not return is interrupted.
   * Close what feeds the mirror first: captures that are still open hold the drain up. Further
   * calls do nothing.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
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

  /** Collects what a mirror is made of. */
  public static final class Builder {
    private final Map<String, MirrorTarget> targets = new LinkedHashMap<>();
    private final Map<String, MirrorPolicy> policies = new LinkedHashMap<>();
    private @Nullable MirrorListener listener;
    private String marker = "X-Request-Mirror";

    private Builder() {}

    /**
     * Adds a target. Each target gets the requests that its own policy wants.
     *
     * @param target where copies go; its name must be unique
     * @param policy which requests are copied
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
     * Sets who is told how captured requests ended. Default: nobody.
     *
     * @param listener called on the mirror's threads
     * @return this
     */
    public Builder listener(MirrorListener listener) {
      this.listener = Objects.requireNonNull(listener, "listener");
      return this;
    }

    /**
     * Sets the header that marks a copy. A request that carries it is served but not mirrored
     * again. Gateways that may mirror to one another must agree on it. Default {@code
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
     * Starts the mirror and its threads. Waits for the first DNS lookup of each target, at most its
     * connect timeout; a target that is down does not fail the start.
     *
     * @return the running mirror
     * @throws IllegalArgumentException when there is no target
     */
    public Mirror start() {
      if (targets.isEmpty()) {
        throw new IllegalArgumentException("target is missing; a mirror needs at least one");
      }
      return new Mirror(this);
    }
  }
}
