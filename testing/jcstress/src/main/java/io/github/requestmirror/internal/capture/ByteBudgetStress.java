package io.github.requestmirror.internal.capture;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZJ_Result;

/** A budget with room for one of two reservations: exactly one succeeds and is counted. */
@JCStressTest
@Outcome(
    id = {"true, false, 6", "false, true, 6"},
    expect = Expect.ACCEPTABLE)
@Outcome(expect = Expect.FORBIDDEN)
@State
public class ByteBudgetStress {
  private final ByteBudget budget = new ByteBudget(10);

  @Actor
  public void first(ZZJ_Result r) {
    r.r1 = budget.tryReserve(6);
  }

  @Actor
  public void second(ZZJ_Result r) {
    r.r2 = budget.tryReserve(6);
  }

  @Arbiter
  public void used(ZZJ_Result r) {
    r.r3 = budget.used();
  }
}
