package io.github.requestmirror.spring.boot;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorStats;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The details of the health of a mirror. Its status is always UP: the application serves its
 * clients whatever a target does, and must not be restarted or taken out of service for it.
 */
final class HealthDetails {
  private HealthDetails() {}

  static Map<String, Object> of(Mirror mirror) {
    Map<String, Object> targets = new LinkedHashMap<>();
    for (MirrorStats.Target target : mirror.stats().targets()) {
      Map<String, Object> details = new LinkedHashMap<>();
      details.put("up", target.up());
      details.put("fraction", mirror.policy(target.name()).fraction());
      details.put("failed", target.failed());
      details.put("dropped", target.dropped());
      details.put("pending", target.pending());
      targets.put(target.name(), details);
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("enabled", mirror.enabled());
    all.put("targets", targets);
    return all;
  }
}
