package io.github.requestmirror.soak;

import io.github.requestmirror.Cortex;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorOrder;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.RequestHead;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Changes the policies of a running mirror, switches it off and on, and ends requests of others.
 */
final class PolicyChanges extends Thread {
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final int TICKS_FOR_A_CHANGE = 30;

  private final Mirror mirror;
  private final List<Traffic> traffic;
  private final Random random;
  private volatile boolean stopped;

  PolicyChanges(Mirror mirror, List<Traffic> traffic, Random random) {
    super("policy-changes");
    setDaemon(true);
    this.mirror = mirror;
    this.traffic = traffic;
    this.random = random;
  }

  /** The policies with which everything is mirrored. */
  static MirrorPolicy policy(String target) {
    MirrorPolicy.Builder policy = Cortex.everything().when(PolicyChanges::predicate);
    return switch (target) {
      case "plain" -> policy.build();
      case "retrying" -> policy.order(MirrorOrder.CAUSAL).build();
      default -> policy.order(MirrorOrder.NONE).whenPrimaryResponds(2).build();
    };
  }

  private static boolean predicate(RequestHead head) {
    String hostile = head.header(Payloads.HOSTILE);
    if (hostile == null) {
      return true;
    }
    if (hostile.equals("error")) {
      throw new AssertionError("predicate failed on purpose");
    }
    throw new IllegalStateException("predicate failed on purpose");
  }

  void end() throws InterruptedException {
    stopped = true;
    join();
    mirror.enabled(true);
    for (String target : SoakProgram.TARGETS) {
      mirror.replacePolicy(target, policy(target));
    }
  }

  @Override
  public void run() {
    while (!stopped) {
      try {
        traffic.get(random.nextInt(traffic.size())).interfere(random);
        if (random.nextInt(TICKS_FOR_A_CHANGE) == 0) {
          change();
        }
      } catch (OutOfMemoryError e) {
        // The next change may have memory.
      }
      LockSupport.parkNanos(TICK_NANOS);
    }
  }

  private void change() {
    if (random.nextInt(6) == 0) {
      mirror.enabled(!mirror.enabled());
      return;
    }
    mirror.enabled(true);
    String target = SoakProgram.TARGETS.get(random.nextInt(SoakProgram.TARGETS.size()));
    MirrorPolicy.Builder policy = policy(target).toBuilder();
    switch (random.nextInt(6)) {
      case 0 -> policy.order(MirrorOrder.FIFO);
      case 4 -> policy.order(MirrorOrder.NONE);
      case 1 -> policy.whenPrimaryResponds(2, 4);
      case 2 -> policy.fraction(0.5).sampleRandomly();
      case 3 -> policy.scope(head -> head.header("User-Agent"));
      default -> {
        // As at the start.
      }
    }
    mirror.replacePolicy(target, policy.build());
  }
}
