package io.github.requestmirror;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The statistics of a mirror, for each target. An immutable snapshot.
 *
 * <p>Counters start at zero with the {@link Mirror} and only increase. The counters of a snapshot
 * are not read atomically, so they may disagree while requests are pending; otherwise they add up
 * exactly, see {@link Outcome}.
 */
public final class MirrorStats {
  private final List<Target> targets;

  MirrorStats(List<Target> targets) {
    this.targets = List.copyOf(targets);
  }

  /** Returns the statistics of all targets, in the order in which they were added. */
  public List<Target> targets() {
    return targets;
  }

  /**
   * Returns the statistics of one target.
   *
   * @param name {@link MirrorTarget#name()}
   * @throws IllegalArgumentException when there is no such target
   */
  public Target target(String name) {
    return targets.stream()
        .filter(target -> target.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("target '" + name + "' is unknown"));
  }

  @Override
  public String toString() {
    return targets.toString();
  }

  /**
   * A response with a status from 300 to 499, which a copy ended with. Not one that the copy was to
   * be sent again after.
   *
   * @param time when the response arrived
   * @param status its status code
   * @param text the start of its body, at most 200 characters in one line, as in {@link
   *     MirrorListener.Event#responseText()}; empty without a body
   */
  public record Rejection(Instant time, int status, String text) {}

  /** The copies of a target that are captured and not in flight. */
  record Waiting(long all, long forOrder, long forPlace, long forRetry, Duration oldest) {}

  /** What else is counted of a target, and its limits. */
  record Details(
      MirrorTarget target,
      Durations ofTarget,
      Durations ofPrimary,
      List<Long> statusPairs,
      List<ScopeLosses> losses,
      long lossesOfOthers) {}

  /** Durations of responses, counted in fixed buckets. Immutable. */
  public static final class Durations {
    private static final List<Duration> BOUNDS =
        LongStream.of(
                1_000,
                2_500,
                5_000,
                10_000,
                25_000,
                50_000,
                100_000,
                250_000,
                500_000,
                1_000_000,
                2_500_000,
                5_000_000,
                10_000_000,
                30_000_000,
                60_000_000)
            .mapToObj(micros -> Duration.of(micros, ChronoUnit.MICROS))
            .toList();

    private final long[] cumulative;
    private final Duration total;

    Durations(long[] counts, Duration total) {
      this.cumulative = counts.clone();
      Arrays.parallelPrefix(cumulative, Long::sum);
      this.total = total;
    }

    /**
     * Returns the upper bounds of the buckets, ascending, from 1 ms to 1 min. They are the same for
     * all durations.
     */
    public static List<Duration> bounds() {
      return BOUNDS;
    }

    /** Returns how many durations were counted. */
    public long count() {
      return cumulative[cumulative.length - 1];
    }

    /** Returns the sum of all durations. */
    public Duration total() {
      return total;
    }

    /**
     * Returns how many durations were not longer than a bound.
     *
     * @param index that of the bound in {@link #bounds()}
     * @throws IndexOutOfBoundsException when there is no such bound
     */
    public long countUpToBound(int index) {
      return cumulative[Objects.checkIndex(index, BOUNDS.size())];
    }
  }

  /**
   * The losses of one scope.
   *
   * @param scope the key of {@link MirrorPolicy.Builder#scope}, for example a tenant, as the client
   *     sent it; with the presets of {@link Cortex}, those of requests other than samples have a
   *     line break in front of the tenant
   * @param count the losses since the scope is among those that lose most
   */
  public record ScopeLosses(String scope, long count) {}

  /** The statistics of one target. Immutable. */
  public static final class Target {
    private static final int STATUS_CLASSES = 6;

    private final String name;
    private final long offered;
    private final Map<Outcome, Long> outcomes;
    private final Waiting waiting;
    private final int inFlight;
    private final long retries;
    private final long reencoded;
    private final long bodiesRead;
    private final long bodiesUnreadable;
    private final long bufferedBytes;
    private final boolean up;
    private final @Nullable Rejection lastRejection;
    private final Details details;

    Target(
        String name,
        long offered,
        Map<Outcome, Long> outcomes,
        Waiting waiting,
        int inFlight,
        long retries,
        long reencoded,
        long bodiesRead,
        long bodiesUnreadable,
        long bufferedBytes,
        boolean up,
        @Nullable Rejection lastRejection,
        Details details) {
      this.name = name;
      this.offered = offered;
      this.outcomes = new EnumMap<>(outcomes);
      this.waiting = waiting;
      this.inFlight = inFlight;
      this.retries = retries;
      this.reencoded = reencoded;
      this.bodiesRead = bodiesRead;
      this.bodiesUnreadable = bodiesUnreadable;
      this.bufferedBytes = bufferedBytes;
      this.up = up;
      this.lastRejection = lastRejection;
      this.details = details;
    }

    /** Returns the {@link MirrorTarget#name()}. */
    public String name() {
      return name;
    }

    /** Returns the number of all requests, mirrored to this target or not. */
    public long offered() {
      return offered;
    }

    /**
     * Returns the number of requests with an outcome.
     *
     * @param outcome the outcome
     */
    public long count(Outcome outcome) {
      return outcomes.getOrDefault(outcome, 0L);
    }

    /**
     * Returns the number of requests with an outcome of a kind.
     *
     * @param kind the kind of outcome
     */
    public long count(Outcome.Kind kind) {
      long sum = 0;
      for (Map.Entry<Outcome, Long> entry : outcomes.entrySet()) {
        sum += entry.getKey().kind() == kind ? entry.getValue() : 0;
      }
      return sum;
    }

    /** Returns the number of copies that the target responded to. */
    public long responded() {
      return count(Outcome.Kind.RESPONDED);
    }

    /** Returns the number of copies that were sent, or attempted, without a response. */
    public long failed() {
      return count(Outcome.Kind.FAILED);
    }

    /** Returns the number of requests selected by the policy but dropped because of a limit. */
    public long dropped() {
      return count(Outcome.Kind.DROPPED);
    }

    /** Returns the number of requests skipped because of the policy or the body. */
    public long skipped() {
      return count(Outcome.Kind.SKIPPED);
    }

    /** Returns the number of requests that are being captured, queued or in flight. */
    public long pending() {
      return offered - responded() - failed() - dropped() - skipped();
    }

    /**
     * Returns the number of captured copies that wait to be sent or retried: for the order, for a
     * place in flight, for a retry or for the primary's response.
     */
    public long queued() {
      return waiting.all;
    }

    /** Returns how many of {@link #queued()} only the order holds back; see {@link MirrorOrder}. */
    public long waitingForOrder() {
      return waiting.forOrder;
    }

    /**
     * Returns how many of {@link #queued()} wait because {@link MirrorTarget#maxInFlight()} copies
     * are in flight, or the target is not {@link #up()}.
     */
    public long waitingForPlace() {
      return waiting.forPlace;
    }

    /** Returns how many of {@link #queued()} wait for another attempt. */
    public long waitingForRetry() {
      return waiting.forRetry;
    }

    /**
     * Returns how long the oldest of {@link #queued()} has waited, copies that wait for a retry not
     * included; zero if there is none.
     */
    public Duration oldestWait() {
      return waiting.oldest;
    }

    /** Returns the number of copies that have been sent and wait for a response. */
    public int inFlight() {
      return inFlight;
    }

    /** Returns the number of retries; see {@link MirrorTarget.Builder#maxRetries(int)}. */
    public long retries() {
      return retries;
    }

    /**
     * Returns the number of captured bodies that are equivalent, but not equal, to the client's
     * bytes: forms that a container parsed and the adapter encoded again. Each of these requests is
     * also counted under its outcome.
     */
    public long reencoded() {
      return reencoded;
    }

    /**
     * Returns the number of bodies whose keys have been read for the order; see {@link
     * MirrorPolicy.Builder#orderKeys}. None is read while the target is as fast as the primary.
     */
    public long bodiesRead() {
      return bodiesRead;
    }

    /**
     * Returns the number of bodies that were to be read for the order, but had no readable keys.
     * Their copies keep their order with all copies of their scope.
     */
    public long bodiesUnreadable() {
      return bodiesUnreadable;
    }

    /**
     * Returns the memory that requests and copies hold, in bytes: how much of {@link
     * MirrorTarget#bufferBytes()} is in use, and the keys of waiting copies, for which an eighth of
     * that is available in addition.
     */
    public long bufferedBytes() {
      return bufferedBytes;
    }

    /**
     * Returns whether the target is considered available. While it is not, requests are dropped as
     * {@link Outcome#TARGET_DOWN}, except for an occasional probe. With {@linkplain
     * MirrorTarget.Builder#maxRetries(int) retries}, they are captured and wait.
     */
    public boolean up() {
      return up;
    }

    /**
     * Returns the last rejection of a copy ({@link Outcome#REJECTED}, {@link Outcome#THROTTLED})
     * whose text was kept, which is at most some seconds older than the last one of its status;
     * null if there was none.
     */
    public @Nullable Rejection lastRejection() {
      return lastRejection;
    }

    /**
     * Returns the target with its limits: {@link MirrorTarget#bufferBytes()} is the limit of {@link
     * #bufferedBytes()}, {@link MirrorTarget#maxInFlight()} of {@link #inFlight()}, {@link
     * MirrorTarget#maxQueueTime()} of {@link #oldestWait()}.
     */
    public MirrorTarget target() {
      return details.target;
    }

    /**
     * Returns how long the target took to respond to copies: from the start of the last attempt to
     * the end of the response. One duration for each of {@link #responded()}.
     */
    public Durations targetDurations() {
      return details.ofTarget;
    }

    /**
     * Returns how long the primary took to respond to the requests that were captured for this
     * target: from the start of the request until the adapter reports the response. This includes
     * the time in which the client sends its body. Servlet adapters report the response when it has
     * been written, clients when its head has been received. Requests without a response do not
     * count.
     */
    public Durations primaryDurations() {
      return details.ofPrimary;
    }

    /**
     * Returns the number of copies that the target responded to or that failed, by the first digits
     * of the primary's and the target's status. A copy counts when both requests have ended.
     *
     * @param primaryClass 2 to 5, or 0 if the primary ended without a final response
     * @param targetClass 2 to 5, or 0 for a copy of the kind {@link Outcome.Kind#FAILED}
     * @throws IndexOutOfBoundsException when a class is not from 0 to 5
     */
    public long responsesByStatus(int primaryClass, int targetClass) {
      int primary = Objects.checkIndex(primaryClass, STATUS_CLASSES);
      int target = Objects.checkIndex(targetClass, STATUS_CLASSES);
      return details.statusPairs.get(primary * STATUS_CLASSES + target);
    }

    /**
     * Returns the scopes with the most lost requests, at most 64, in descending order. Lost are all
     * requests but those that the target accepted ({@code ACCEPTED}), that were not to be mirrored
     * ({@code NOT_MATCHED}, {@code DENIED}, {@code NOT_SAMPLED}, {@code PRIMARY_STATUS}, {@code
     * LOOP}, {@code UPGRADE}, {@code DISABLED}), or that ended with the mirror ({@code CLOSED}).
     * While more scopes than that lose requests, a scope with few losses may lose its place, and
     * starts from zero when it returns.
     */
    public List<ScopeLosses> lossesByScope() {
      return details.losses;
    }

    /**
     * Returns the number of lost requests that {@link #lossesByScope()} does not contain: those of
     * other scopes, without a scope, or with one that is longer than 128 characters.
     */
    public long lossesOfOtherScopes() {
      return details.lossesOfOthers;
    }

    @Override
    public String toString() {
      return name
          + "{offered="
          + offered
          + ", responded="
          + responded()
          + ", failed="
          + failed()
          + ", dropped="
          + dropped()
          + ", skipped="
          + skipped()
          + ", pending="
          + pending()
          + ", "
          + outcomes
          + "}";
    }
  }
}
