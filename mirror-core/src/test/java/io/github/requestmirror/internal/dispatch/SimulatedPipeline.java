package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.MirrorListener;
import io.github.requestmirror.MirrorOrder;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.MirrorTraceContext;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.RequestHead;
import io.github.requestmirror.internal.accounting.Reporter;
import io.github.requestmirror.internal.dispatch.SimulatedTarget.Behavior;
import io.github.requestmirror.internal.policy.CompiledPolicy;
import io.github.requestmirror.internal.policy.DenyList;
import io.github.requestmirror.internal.policy.OrderChoice;
import io.github.requestmirror.internal.policy.RequestRewriter;
import io.github.requestmirror.internal.policy.Sampler;
import java.net.URI;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One pipeline of a simulation, with its target, its listener and what is known about both. */
final class SimulatedPipeline implements MirrorListener {
  private static final DenyList NOTHING = new DenyList(List.of());

  private final Random random;
  private final MirrorTarget settings;
  private final SimulatedOrder order;
  private final SimulatedTarget target;
  private final ManualDriver driver;
  private final ManualExecutor reports = new ManualExecutor();
  private final ManualExecutor keys = new ManualExecutor();
  private final TargetPipeline pipeline;
  private final Set<RequestHead> reported = new HashSet<>();

  /** Whether allocations may fail while a request is admitted. */
  private @Nullable Random failures;

  private SimulatedKeys orderKeys;
  private CompiledPolicy policy;
  private boolean policyThrows;
  private boolean listenerThrows;
  private boolean listenerBlocks;
  private boolean reportedTwice;
  private long offered;

  SimulatedPipeline(Random random, ManualClock clock, String name) {
    this.random = random;
    this.driver = new ManualDriver(clock);
    this.settings =
        MirrorTarget.builder(URI.create("http://secondary:9009"))
            .name(name)
            .maxInFlight(pick(1, 2, 8, 64))
            .bufferBytes(pick(64 << 10, 1 << 20))
            .maxBodyBytes(64 << 10)
            .maxRetries(pick(0, 0, 1, 5))
            .maxQueueTime(Duration.ofMillis(pick(500, 5000, 30_000)))
            .callTimeout(Duration.ofMillis(pick(1000, 10_000)))
            .build();
    this.order = new SimulatedOrder(settings);
    this.target = new SimulatedTarget(random, clock, order);
    this.orderKeys = new SimulatedKeys(random);
    this.policy = policy();
    MirrorListener listener = random.nextBoolean() ? this : null;
    this.pipeline =
        new TargetPipeline(
            settings,
            policy,
            "X-Mirror",
            new Reporter(name, listener, clock, reports),
            keys,
            target,
            driver,
            () -> {
              // In place of the allocations between two uses of the clock.
              SimulatedTarget.allocate(failures);
              return clock.getAsLong();
            },
            random::nextDouble);
    pipeline.start();
    order.watch(pipeline::isUp, keys::isEmpty);
  }

  private int pick(int... choices) {
    return choices[random.nextInt(choices.length)];
  }

  private CompiledPolicy policy() {
    MirrorOrder fixed =
        switch (random.nextInt(5)) {
          case 0 -> MirrorOrder.FIFO;
          case 1 -> MirrorOrder.NONE;
          case 2 -> MirrorOrder.CAUSAL;
          default -> null;
        };
    boolean oneScope = random.nextInt(5) == 0;
    return new CompiledPolicy(
        Set.of(),
        head -> {
          SimulatedTarget.allocate(failures);
          if (policyThrows) {
            throw new IllegalStateException("match failed on purpose");
          }
          return true;
        },
        NOTHING,
        new Sampler(1, null),
        new OrderChoice(fixed, List.of()),
        head -> {
          SimulatedTarget.allocate(failures);
          return oneScope ? null : head.header("X-Scope-OrgID");
        },
        random.nextInt(6) == 0 ? null : orderKeys,
        random.nextInt(4) == 0 ? 1 << 2 : 0,
        new RequestRewriter(
            List.of(),
            false,
            MirrorTraceContext.DROP,
            RequestRewriter.Host.ofTarget(),
            false,
            null,
            NOTHING));
  }

  SimulatedTarget target() {
    return target;
  }

  void replacePolicy() {
    if (random.nextInt(3) == 0) {
      orderKeys = new SimulatedKeys(random);
    }
    policy = policy();
    policyThrows = random.nextInt(10) == 0;
    pipeline.replacePolicy(policy);
  }

  void breakSelector(boolean broken) {
    target.breakSelector(broken);
    order.checkWaits(!broken);
  }

  void breakListener(int way) {
    listenerThrows = way == 1;
    listenerBlocks = way == 2;
  }

  @Nullable Copy admit(RequestHead head, @Nullable Random failures) {
    this.failures = failures;
    offered++;
    Copy copy = pipeline.admit(head, null);
    this.failures = null;
    requireWithinBudget();
    return copy;
  }

  SimulatedOrder.Entry admitted(Copy copy) {
    return order.admitted(
        copy,
        policy.order().of(copy.head()),
        policy.scope().apply(copy.head()),
        policy.orderKeys() == null ? null : orderKeys);
  }

  void runIfAwake() {
    if (target.isAwake()) {
      driver.runOnce();
      requireWithinBudget();
      order.requireNoViolation();
    }
  }

  /** Reads the keys of a body, if that has been asked for. */
  void readKeys(@Nullable Random failures) {
    orderKeys.failWith(failures);
    keys.runNext();
    orderKeys.failWith(null);
    order.keysFailed(orderKeys.hasFailed());
  }

  /** Runs a task of the listener or the log, unless the listener blocks. */
  void runReports() {
    if (!listenerBlocks) {
      reports.runNext();
    }
  }

  @Override
  public void onEnd(Event event) {
    if (!reported.add(event.head())) {
      // Recorded, because the pipeline survives what a listener throws.
      reportedTwice = true;
    }
    if (listenerThrows) {
      throw new IllegalStateException("the listener failed on purpose");
    }
  }

  void heal() {
    target.behave(Behavior.HEALTHY);
    breakSelector(false);
    breakListener(0);
    policyThrows = false;
  }

  /** Runs until the thread would sleep. */
  void settle() {
    for (int i = 0; i < 1000 && (target.isAwake() || !keys.isEmpty()); i++) {
      readKeys(null);
      driver.runOnce();
      order.requireNoViolation();
    }
    reports.runAll();
    require(!reportedTwice, "an end is reported twice");
  }

  /** Returns the longest time until all copies have ended, without an event of a primary. */
  long longestDrain() {
    return settings.maxQueueTime().toNanos()
        + 2 * settings.callTimeout().toNanos()
        + Duration.ofSeconds(1).toNanos();
  }

  long pending() {
    return offered - ended();
  }

  private long ended() {
    long ended = 0;
    for (Outcome outcome : Outcome.values()) {
      ended += pipeline.count(outcome);
    }
    return ended;
  }

  long accepted() {
    return pipeline.count(Outcome.ACCEPTED);
  }

  /** Returns whether every request has a copy that is sent. */
  boolean mirrorsAll() {
    return settings.bufferBytes() > 64 << 10 || settings.maxInFlight() > 1;
  }

  private void requireWithinBudget() {
    // Keys may take an eighth more.
    if (pipeline.bufferedBytes() > settings.bufferBytes() * 9 / 8 || pipeline.bufferedBytes() < 0) {
      throw new Simulation.Failure("the budget is exceeded: " + pipeline.bufferedBytes());
    }
  }

  void startClosing() {
    pipeline.startClosing();
  }

  void finishClosing(boolean waits) {
    pipeline.finishClosing(waits ? Duration.ofSeconds(5).toNanos() : 0);
  }

  void requireExactBooks() {
    reports.runAll();
    order.requireNoViolation();
    require(!reportedTwice, "an end is reported twice");
    require(pipeline.offered() == offered, "offered " + pipeline.offered() + ", not " + offered);
    require(ended() == offered, ended() + " ends of " + offered + " requests");
    require(pipeline.bufferedBytes() == 0, pipeline.bufferedBytes() + " bytes are held");
    require(pipeline.waiting().all() == 0, "copies are queued");
    require(pipeline.inFlight() == 0, "copies are in flight");
    require(target.isClosed(), "the sender is not closed");
  }

  @Override
  public String toString() {
    Map<Outcome, Long> counts = new EnumMap<>(Outcome.class);
    for (Outcome outcome : Outcome.values()) {
      counts.put(outcome, pipeline.count(outcome));
    }
    return settings + " with " + target.behavior() + ", " + counts + ", pending: " + order;
  }

  private static void require(boolean condition, String problem) {
    if (!condition) {
      throw new Simulation.Failure(problem);
    }
  }
}
