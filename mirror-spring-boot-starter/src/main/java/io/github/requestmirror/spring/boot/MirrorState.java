package io.github.requestmirror.spring.boot;

import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.Outcome;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the endpoint shows. The names are those of {@link MirrorStats.Target}.
 *
 * @param enabled whether requests are mirrored
 * @param targets the targets by name
 */
public record MirrorState(boolean enabled, Map<String, Target> targets) {

  /** The state of one target; see {@link MirrorStats.Target} for the meaning of the numbers. */
  public record Target(
      boolean up,
      double fraction,
      long offered,
      long responded,
      long failed,
      long dropped,
      long skipped,
      Map<Outcome, Long> outcomes,
      long pending,
      long inFlight,
      long queued,
      long waitingForOrder,
      long waitingForPlace,
      long waitingForRetry,
      double oldestWaitSeconds,
      long retries,
      long reencoded,
      long bodiesRead,
      long bodiesUnreadable,
      long bufferedBytes,
      MirrorStats.@Nullable Rejection lastRejection) {

    static Target of(MirrorStats.Target stats, double fraction) {
      Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
      for (Outcome outcome : Outcome.values()) {
        outcomes.put(outcome, stats.count(outcome));
      }
      return new Target(
          stats.up(),
          fraction,
          stats.offered(),
          stats.responded(),
          stats.failed(),
          stats.dropped(),
          stats.skipped(),
          outcomes,
          stats.pending(),
          stats.inFlight(),
          stats.queued(),
          stats.waitingForOrder(),
          stats.waitingForPlace(),
          stats.waitingForRetry(),
          stats.oldestWait().toNanos() / 1e9,
          stats.retries(),
          stats.reencoded(),
          stats.bodiesRead(),
          stats.bodiesUnreadable(),
          stats.bufferedBytes(),
          stats.lastRejection());
    }
  }
}
