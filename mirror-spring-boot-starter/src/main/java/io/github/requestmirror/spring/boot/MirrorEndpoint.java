package io.github.requestmirror.spring.boot;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorStats;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/**
 * The actuator endpoint {@code mirror}: reads the state and the statistics, sets the kill switch
 * and the fraction of each target. Thread-safe. Changes last until the application stops.
 */
@Endpoint(id = "mirror")
public final class MirrorEndpoint {
  private final Mirror mirror;

  /**
   * Creates the endpoint of a mirror.
   *
   * @param mirror a running mirror
   */
  public MirrorEndpoint(Mirror mirror) {
    this.mirror = mirror;
  }

  /** Returns the kill switch, and fraction and statistics of all targets. */
  @ReadOperation
  public MirrorState mirror() {
    Map<String, MirrorState.Target> targets = new LinkedHashMap<>();
    for (MirrorStats.Target stats : mirror.stats().targets()) {
      targets.put(stats.name(), target(stats));
    }
    return new MirrorState(mirror.enabled(), targets);
  }

  /**
   * Returns the fraction and the statistics of one target.
   *
   * @param target the name of the target
   * @throws InvalidEndpointRequestException when there is no such target
   */
  @ReadOperation
  public MirrorState.Target target(@Selector String target) {
    policy(target);
    return target(mirror.stats().target(target));
  }

  /**
   * Sets the kill switch; pending copies are sent in any case.
   *
   * @param enabled false to stop mirroring, true to resume
   */
  @WriteOperation
  public void enabled(boolean enabled) {
    mirror.enabled(enabled);
  }

  /**
   * Sets the fraction of matching requests that is copied.
   *
   * @param target the name of the target
   * @param fraction from 0 to 1
   * @throws InvalidEndpointRequestException when there is no such target, or the fraction is wrong
   */
  @WriteOperation
  public void fraction(@Selector String target, double fraction) {
    try {
      mirror.fraction(target, fraction);
    } catch (IllegalArgumentException e) {
      throw invalid(e);
    }
  }

  private MirrorPolicy policy(String target) {
    try {
      return mirror.policy(target);
    } catch (IllegalArgumentException e) {
      throw invalid(e);
    }
  }

  /** Spring Boot responds with 400. */
  private static InvalidEndpointRequestException invalid(IllegalArgumentException e) {
    String message = String.valueOf(e.getMessage());
    return new InvalidEndpointRequestException(message, message, e);
  }

  private MirrorState.Target target(MirrorStats.Target stats) {
    return MirrorState.Target.of(stats, mirror.policy(stats.name()).fraction());
  }
}
