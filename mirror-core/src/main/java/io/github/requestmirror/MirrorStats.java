package io.github.requestmirror;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What became of the requests so far, for each target. An immutable snapshot.
 *
 * <p>Counters only grow and start at zero with the {@link Mirror}. While requests are under way the
 * counters of a snapshot are read one after another; once nothing is pending they add up exactly.
 */
public final class MirrorStats {
  private final List<Target> targets;

  MirrorStats(List<Target> targets) {
    this.targets = List.copyOf(targets);
  }

  /**
   * Returns the statistics of all targets.
   *
   * @return one element for each target, in the order they were added
   */
  public List<Target> targets() {
    return targets;
  }

  /**
   * Returns the statistics of one target.
   *
   * @param name {@link MirrorTarget#name()}
   * @return its statistics
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

  /** The statistics of one target. Immutable. */
  public static final class Target {
    private final String name;
    private final long offered;
    private final Map<Outcome, Long> outcomes;
    private final long queued;
    private final int inFlight;
    private final long retries;
    private final long reencoded;
    private final long bufferedBytes;
    private final boolean up;

    Target(
        String name,
        long offered,
        Map<Outcome, Long> outcomes,
        long queued,
        int inFlight,
        long retries,
        long reencoded,
        long bufferedBytes,
        boolean up) {
      this.name = name;
      this.offered = offered;
      this.outcomes = new EnumMap<>(outcomes);
      this.queued = queued;
      this.inFlight = inFlight;
      this.retries = retries;
      this.reencoded = reencoded;
      this.bufferedBytes = bufferedBytes;
      this.up = up;
    }

    /**
     * Returns the target's name.
     *
     * @return {@link MirrorTarget#name()}
     */
    public String name() {
      return name;
    }

    /**
     * Returns how many requests the target's policy saw.
     *
     * @return the number of requests
     */
    public long offered() {
      return offered;
    }

    /**
     * Returns how many requests ended so.
     *
     * @param outcome the outcome
     * @return the number of requests
     */
    public long count(Outcome outcome) {
      return outcomes.getOrDefault(outcome, 0L);
    }

    /**
     * Returns how many requests ended in one of these ways.
     *
     * @param kind the kind of outcome
     * @return the number of requests
     */
    public long count(Outcome.Kind kind) {
      long sum = 0;
      for (Map.Entry<Outcome, Long> entry : outcomes.entrySet()) {
        sum += entry.getKey().kind() == kind ? entry.getValue() : 0;
      }
      return sum;
    }

    /**
     * Returns how many copies the target responded.
     *
     * @return the number of requests
     */
    public long responded() {
      return count(Outcome.Kind.RESPONDED);
    }

    /**
     * Returns how many copies were sent or tried and not responded.
     *
     * @return the number of requests
     */
    public long failed() {
      return count(Outcome.Kind.FAILED);
    }

    /**
     * Returns how many wanted copies a limit turned away.
     *
     * @return the number of requests
     */
    public long dropped() {
      return count(Outcome.Kind.DROPPED);
    }

    /**
     * Returns how many requests the policy or their body turned away.
     *
     * @return the number of requests
     */
    public long skipped() {
      return count(Outcome.Kind.SKIPPED);
    }

    /**
     * Returns how many requests have not ended: being captured, queued or in flight.
     *
     * @return the number of requests
     */
    public long pending() {
      return offered - responded() - failed() - dropped() - skipped();
    }

    /**
     * Returns how many captured copies wait to be sent, or to be sent again.
     *
     * @return the number of copies
     */
    public long queued() {
      return queued;
    }

    /**
     * Returns how many copies are sent and not responded.
     *
     * @return the number of copies
     */
    public int inFlight() {
      return inFlight;
    }

    /**
     * Returns how often copies were sent again; see {@link MirrorTarget.Builder#maxRetries(int)}.
     *
     * @return the number of attempts after the first of each copy
     */
    public long retries() {
      return retries;
    }

    /**
     * Returns how many captured bodies were not the client's own bytes but mean the same: forms
     * that a container parsed. They have one outcome each like all others.
     *
     * @return the number of requests
     */
    public long reencoded() {
      return reencoded;
    }

    /**
     * Returns how much of {@link MirrorTarget#bufferBytes()} is in use.
     *
     * @return bytes
     */
    public long bufferedBytes() {
      return bufferedBytes;
    }

    /**
     * Tells whether the target is believed to be available. While it is not, requests are dropped
     * as {@link Outcome#TARGET_DOWN}, but for one now and then that tries again.
     *
     * @return whether copies are sent
     */
    public boolean up() {
      return up;
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
