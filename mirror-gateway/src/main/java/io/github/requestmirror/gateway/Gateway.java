package io.github.requestmirror.gateway;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.gateway.AdminServer.Page;
import io.github.requestmirror.micrometer.MirrorMetrics;
import io.github.requestmirror.servlet.MirrorFilter;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Server;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running gateway: forwards requests to the primary, mirrors them, and serves its status on the
 * admin port. Thread-safe.
 */
public final class Gateway implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(Gateway.class);

  /** Together with the mirror's drain, less than the 30 s that orchestrators usually allow. */
  private static final Duration MAX_STOP = Duration.ofSeconds(20);

  private final GatewayOptions options;
  private final Server server;
  private final Server admin;
  private final Mirror mirror;
  private final PrometheusMeterRegistry meters =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics gcMeters = new JvmGcMetrics();
  private volatile boolean draining;

  private Gateway(GatewayOptions options, Server server, Server admin, Mirror mirror) {
    this.options = options;
    this.server = server;
    this.admin = admin;
    this.mirror = mirror;
    MirrorMetrics metrics = new MirrorMetrics(mirror);
    int scopes = options.lossesByScope();
    (scopes == 0 ? metrics : metrics.lossesByScope(scopes)).bindTo(meters);
    new JvmMemoryMetrics().bindTo(meters);
    new JvmThreadMetrics().bindTo(meters);
    gcMeters.bindTo(meters);
    Duration stop = options.primaryTimeout().plusSeconds(1);
    server.setStopTimeout(Math.min(stop.toMillis(), MAX_STOP.toMillis()));
    GatewayServer.handle(
        server, new MirrorFilter(mirror), new PrimaryProxy(options), new ProxiedRequests(meters));
    AdminServer.handle(
        admin,
        new AdminSwitches(mirror, new AdminAccess(options.adminToken())),
        Map.of(
            "/live",
            Gateway::live,
            "/ready",
            this::ready,
            "/metrics",
            this::metrics,
            "/stats",
            this::stats));
  }

  /**
   * Starts a gateway. Returns when it accepts requests.
   *
   * @param options the ports, the primary and the mirrors
   * @return the running gateway
   * @throws IllegalArgumentException when a port is not available; the message is one line that
   *     names the option
   */
  public static Gateway start(GatewayOptions options) {
    Server server = GatewayServer.open(options);
    try {
      Server admin = AdminServer.open(options);
      try {
        return start(options, server, admin);
      } catch (Throwable t) {
        Ports.connector(admin).close();
        throw t;
      }
    } catch (Throwable t) {
      Ports.connector(server).close();
      throw t;
    }
  }

  private static Gateway start(GatewayOptions options, Server server, Server admin) {
    Gateway gateway = new Gateway(options, server, admin, options.mirror().toMirror().start());
    try {
      server.start();
      admin.start();
    } catch (Throwable t) {
      gateway.close();
      throw new IllegalStateException("the gateway failed to start", t);
    }
    return gateway;
  }

  /**
   * Returns the port for clients.
   *
   * @return the port that was bound, also when the option was 0
   */
  public int port() {
    return Ports.connector(server).getLocalPort();
  }

  /**
   * Returns the admin port.
   *
   * @return the port that was bound, also when the option was 0
   */
  public int adminPort() {
    return Ports.connector(admin).getLocalPort();
  }

  /**
   * Returns the mirror, for its statistics and its switches.
   *
   * @return the mirror, which the gateway closes
   */
  public Mirror mirror() {
    return mirror;
  }

  /**
   * Stops the gateway: says so at {@code /ready} and serves for the drain delay, closes the port
   * for clients, waits for pending requests, then drains the mirror. The wait for requests ends one
   * second after the primary timeout, and after 20 s at the latest. Further calls do nothing.
   */
  @Override
  public synchronized void close() {
    if (draining) {
      return;
    }
    draining = true;
    pause(options.drainDelay());
    stop(server);
    mirror.close();
    stop(admin);
    gcMeters.close();
    meters.close();
  }

  private static void pause(Duration time) {
    try {
      // There is nothing to wait for but the time that load balancers need to notice.
      Thread.sleep(time.toMillis());
    } catch (InterruptedException e) {
      // Whoever interrupts wants the stop to be fast.
      Thread.currentThread().interrupt();
    }
  }

  private static void stop(Server server) {
    try {
      server.stop();
    } catch (Exception e) {
      logger.warn("stopped before all requests were complete: {}", e.toString());
    }
  }

  /** Returns the addresses of the gateway, the primary and the mirrors. */
  @Override
  public String toString() {
    return "gateway listening on "
        + Ports.url(server)
        + ", admin on "
        + Ports.url(admin)
        + ", primary "
        + options.primary()
        + options.targets().stream()
            .map(target -> ", mirror " + target.uri())
            .collect(Collectors.joining());
  }

  private static Page live() {
    return Page.text(HttpStatus.OK_200, "live");
  }

  private Page ready() {
    return draining
        ? Page.text(HttpStatus.SERVICE_UNAVAILABLE_503, "draining")
        : Page.text(HttpStatus.OK_200, "ready");
  }

  private Page metrics() {
    return new Page(HttpStatus.OK_200, "text/plain; version=0.0.4; charset=utf-8", meters.scrape());
  }

  private Page stats() {
    return new Page(HttpStatus.OK_200, "application/json", StatsJson.write(mirror.stats()));
  }
}
