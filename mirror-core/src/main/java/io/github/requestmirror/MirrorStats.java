package io.github.requestmirror;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
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
   * A response with a status from 300 to 499, which a copy ended with.
   *
   * @param time when the response arrived
   * @param status its status code
   * @param text the start of its body, at most 200 characters in one line, as in {@link
   *     MirrorListener.Event#responseText()}; empty without a body
   */
  public record Rejection(Instant time, int status, String text) {}

  /** The copies of a target that are captured and not in flight. */
  record Waiting(long all, long forOrder, long forPlace, long forRetry, Duration oldest) {}

  /** The statistics of one target. Immutable. */
  public static final class Target {
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
        @Nullable Rejection lastRejection) {
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
