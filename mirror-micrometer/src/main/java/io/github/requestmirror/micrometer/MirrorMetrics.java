package io.github.requestmirror.micrometer;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorStats;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Registers the statistics of a mirror with Micrometer: counters of requests by outcome, of
 * responses by status and duration, gauges of pending copies, limits and switches. Thread-safe.
 *
 * <pre>{@code
 * new MirrorMetrics(mirror).bindTo(registry);
 * }</pre>
 *
 * <p>There is no background work. The first meter that a scrape reads takes a snapshot of the
 * statistics, and the other meters read the same one, so that their values fit together: offered =
 * requests + pending. A snapshot belongs to the thread that reads, and ends when the thread reads a
 * meter for the second time, or after a second.
 *
 * <p>The meters keep the mirror reachable until they are removed from the registry.
 */
public final class MirrorMetrics implements MeterBinder {
  private static final int MAX_SCOPES = 50;

  private final Mirror mirror;
  private final Tags tags;
  private final int scopes;

  /**
   * Creates a binder for a mirror.
   *
   * @param mirror the mirror; it may be closed while its meters are registered
   */
  public MirrorMetrics(Mirror mirror) {
    this(mirror, Tags.empty());
  }

  /**
   * Creates a binder for a mirror whose meters have more tags, for example the name of the mirror
   * if there are several in an application.
   *
   * @param mirror the mirror; it may be closed while its meters are registered
   * @param tags added to every meter
   */
  public MirrorMetrics(Mirror mirror, Iterable<Tag> tags) {
    this(mirror, Tags.of(tags), 0);
  }

  private MirrorMetrics(Mirror mirror, Tags tags, int scopes) {
    this.mirror = Objects.requireNonNull(mirror, "mirror");
    this.tags = tags;
    this.scopes = scopes;
  }

  /**
   * Returns a binder that also registers counters of lost requests for each of the scopes, such as
   * tenants, that lose most. The others are counted together, with the tag {@code scope=other}. A
   * scope is shown as the client sent it, but cut at 64 characters, without control characters at
   * its start, and with {@code ?} in place of others that are not printable ASCII. Default: no
   * counters by scope.
   *
   * @param scopes the largest number of counters for each target, from 1 to 50
   * @throws IllegalArgumentException when the number is out of range
   */
  public MirrorMetrics lossesByScope(int scopes) {
    if (scopes < 1 || scopes > MAX_SCOPES) {
      throw new IllegalArgumentException(
          "scopes = " + scopes + ", must be from 1 to " + MAX_SCOPES);
    }
    return new MirrorMetrics(mirror, tags, scopes);
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    List<MirrorStats.Target> targets = mirror.stats().targets();
    List<TopScopes> tops = new ArrayList<>();
    if (scopes > 0) {
      targets.forEach(target -> tops.add(new TopScopes(registry, tagsOf(target), scopes)));
    }
    ScrapeSnapshots snapshots =
        new ScrapeSnapshots(
            () -> Snapshot.of(mirror), System::nanoTime, snapshot -> update(tops, snapshot));
    Gauge.builder(
            "http.mirror.enabled", mirror, snapshots.meter(snapshot -> snapshot.enabled() ? 1 : 0))
        .description("1 while mirroring is on, 0 while it is off")
        .tags(tags)
        .register(registry);
    for (int i = 0; i < targets.size(); i++) {
      new TargetMeters(registry, mirror, snapshots, i, tagsOf(targets.get(i))).register();
    }
  }

  private Tags tagsOf(MirrorStats.Target target) {
    return tags.and("target", target.name());
  }

  private static void update(List<TopScopes> tops, Snapshot snapshot) {
    for (int i = 0; i < tops.size(); i++) {
      tops.get(i).update(snapshot.stats().targets().get(i));
    }
  }
}
