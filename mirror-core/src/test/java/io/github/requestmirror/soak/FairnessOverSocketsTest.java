package io.github.requestmirror.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.testing.Conservation;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever one tenant does, or the target does to it, another one with little load loses nothing.
 * {@code FairnessTest} has the details, with a simulated target.
 */
class FairnessOverSocketsTest {
  /** How long the load lasts; the first second is not judged. */
  private static final long SECONDS = Long.getLong("fairness.seconds", 2);

  private static final int TICKS_PER_SECOND = 100;
  private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1) / TICKS_PER_SECOND;

  /** Much longer than it takes, and much shorter than to wait for a place of the other. */
  private static final Duration IN_TIME = Duration.ofMillis(1500);

  @RegisterExtension final Conservation conservation = new Conservation();
  private final TwoTenants few = new TwoTenants(16);
  private final TwoTenants many = new TwoTenants(64);

  /** What is wrong with the other tenant. */
  enum Poison {
    UNAVAILABLE(Fault.UNAVAILABLE),
    HANGS(Fault.HANGS),
    THROTTLES(Fault.THROTTLES),
    SLOW(Fault.SLOW),
    STALLED_CAPTURES(Fault.NONE),
    FLOOD_OF_SLOW_GETS(Fault.SLOW);

    private final Fault fault;

    Poison(Fault fault) {
      this.fault = fault;
    }

    void act(TwoTenants tenants) {
      switch (this) {
        case UNAVAILABLE, THROTTLES -> tenants.postBad(20);
        case HANGS, SLOW -> tenants.postBad(3);
        case STALLED_CAPTURES -> tenants.stallBad(6);
        case FLOOD_OF_SLOW_GETS -> tenants.getBad(10);
      }
    }
  }

  @AfterEach
  void close() {
    few.close();
    many.close();
  }

  @ParameterizedTest
  @EnumSource
  void otherTenantLosesNothing(Poison poison) {
    conservation.watch(few.mirror());
    conservation.watch(many.mirror());
    few.failForBad(poison.fault);
    many.failForBad(poison.fault);
    int ticks = (int) SECONDS * TICKS_PER_SECOND;
    long start = System.nanoTime();
    for (int i = 0; i < ticks; i++) {
      for (TwoTenants tenants : new TwoTenants[] {few, many}) {
        poison.act(tenants);
        tenants.postGood(i);
      }
      while (System.nanoTime() - start < (i + 1) * TICK_NANOS) {
        LockSupport.parkNanos(TICK_NANOS / 5);
      }
    }
    assertLosesNothing(few, ticks);
    assertLosesNothing(many, ticks);
  }

  private static void assertLosesNothing(TwoTenants tenants, int requests) {
    int judged = requests - TICKS_PER_SECOND;
    try {
      await().atMost(IN_TIME).until(() -> tenants.lost(TICKS_PER_SECOND, requests, IN_TIME) == 0);
    } catch (ConditionTimeoutException e) {
      // Some were late.
    }
    assertThat(tenants.lost(TICKS_PER_SECOND, requests, IN_TIME) * 100)
        .as("percent of %s lost, %s", judged, tenants.mirror().stats())
        .isLessThan(judged);
  }
}
