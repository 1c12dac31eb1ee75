package io.github.requestmirror.gateway;

import io.github.requestmirror.MirrorStats;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.RequestLog;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.NanoTime;

/**
 * Counts and times the responses to clients, by status class and by who responded: the primary, or
 * the gateway in place of it. In the buckets of {@link MirrorStats.Durations}.
 */
final class ProxiedRequests implements RequestLog {
  private static final String FORWARDED = ProxiedRequests.class.getName() + ".forwarded";
  private static final int CLASSES = 6;

  private final Timer[] byPrimary;
  private final Timer[] byGateway;

  ProxiedRequests(MeterRegistry registry) {
    byPrimary = timers(registry, "primary");
    byGateway = timers(registry, "gateway");
  }

  private static Timer[] timers(MeterRegistry registry, String source) {
    Timer[] byClass = new Timer[CLASSES];
    for (int i = 0; i < CLASSES; i++) {
      byClass[i] =
          Timer.builder("http.gateway.requests")
              .description("Responses sent to clients")
              .serviceLevelObjectives(MirrorStats.Durations.bounds().toArray(Duration[]::new))
              .tag("source", source)
              .tag("status", i == 0 ? "none" : i + "xx")
              .register(registry);
    }
    return byClass;
  }

  /** Marks a request to which the primary has responded. */
  static void forwarded(Request request) {
    Request.unWrap(request).setAttribute(FORWARDED, true);
  }

  /** Marks a request to which the gateway responds in place of the primary. */
  static void notForwarded(Request request) {
    Request.unWrap(request).removeAttribute(FORWARDED);
  }

  @Override
  public void log(Request request, Response response) {
    int statusClass = response.getStatus() / 100;
    boolean isForwarded = Request.unWrap(request).getAttribute(FORWARDED) != null;
    Timer[] byClass = isForwarded ? byPrimary : byGateway;
    byClass[statusClass < CLASSES ? statusClass : 0].record(
        NanoTime.since(request.getBeginNanoTime()), TimeUnit.NANOSECONDS);
  }
}
