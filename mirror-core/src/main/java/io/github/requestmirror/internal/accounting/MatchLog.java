package io.github.requestmirror.internal.accounting;

import io.github.requestmirror.Outcome;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Logs once if a policy matched none of the first requests, which is most likely a mistake in it.
 * Looks at the counters now and then, so that requests cost nothing. Confined to one thread, except
 * for the executor, which logs the line.
 */
public final class MatchLog {
  static final long REQUESTS = 1000;

  private final String target;
  private final OutcomeCounters counters;
  private final Executor executor;
  private final Consumer<String> line;
  private boolean decided;

  public MatchLog(
      String target, OutcomeCounters counters, Executor executor, Consumer<String> line) {
    this.target = target;
    this.counters = counters;
    this.executor = executor;
    this.line = line;
  }

  /** Looks at the counters until it is known whether the policy matches. */
  public void tick() {
    if (decided || counters.offered() < REQUESTS) {
      return;
    }
    long unmatched = counters.count(Outcome.NOT_MATCHED);
    if (hasMatched()) {
      decided = true;
    } else if (unmatched >= REQUESTS && counters.isSettled()) {
      // Otherwise a request is on its way, and the next look knows more.
      decided = true;
      executor.execute(() -> log(unmatched));
    }
  }

  /** The outcomes that say nothing about the policy come before it. */
  private boolean hasMatched() {
    for (Outcome outcome : Outcome.values()) {
      boolean matched =
          switch (outcome) {
            case NOT_MATCHED, DISABLED, LOOP, UPGRADE, POLICY_ERROR -> false;
            default -> true;
          };
      if (matched && counters.count(outcome) > 0) {
        return true;
      }
    }
    return false;
  }

  private void log(long requests) {
    line.accept(
        "mirror "
            + target
            + ": its policy matched none of the first "
            + requests
            + " requests; check its methods, paths and path prefixes (in web.xml: match), which the"
            + " line 'mirroring to' shows, against the requests");
  }
}
