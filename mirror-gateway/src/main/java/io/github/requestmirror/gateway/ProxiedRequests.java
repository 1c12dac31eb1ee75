package io.github.requestmirror.gateway;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.RequestLog;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.NanoTime;

/** Counts and times the responses to clients, by status class. */
final class ProxiedRequests implements RequestLog {
  private final Timer[] byClass = new Timer[6];

  ProxiedRequests(MeterRegistry registry) {
    for (int i = 0; i < byClass.length; i++) {
      byClass[i] =
          Timer.builder("http.primary.requests")
              .description("Responses sent to clients, from the primary or from the gateway itself")
              .tag("status", i == 0 ? "none" : i + "xx")
              .register(registry);
    }
  }

  @Override
  public void log(Request request, Response response) {
    int statusClass = response.getStatus() / 100;
    byClass[statusClass < byClass.length ? statusClass : 0].record(
        NanoTime.since(request.getBeginNanoTime()), TimeUnit.NANOSECONDS);
  }
}
