package io.github.requestmirror.micrometer;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorStats;
import java.util.List;

/**
 * What all meters of a mirror show at one time.
 *
 * @param fractions of the policies, in the order of the targets
 */
record Snapshot(MirrorStats stats, boolean enabled, List<Double> fractions) {
  static Snapshot of(Mirror mirror) {
    MirrorStats stats = mirror.stats();
    List<Double> fractions =
        stats.targets().stream().map(target -> mirror.policy(target.name()).fraction()).toList();
    return new Snapshot(stats, mirror.enabled(), fractions);
  }
}
