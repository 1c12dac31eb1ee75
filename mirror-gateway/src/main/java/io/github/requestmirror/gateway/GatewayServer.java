package io.github.requestmirror.gateway;

import io.github.requestmirror.servlet.MirrorFilter;
import jakarta.servlet.DispatcherType;
import java.util.EnumSet;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.RequestLog;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.GracefulHandler;

/** The server for clients: the mirror's filter, followed by the proxy to the primary. */
final class GatewayServer {
  /** Envoy's limit. */
  static final int MAX_HEADER_BYTES = 60 << 10;

  /** Requests are handled asynchronously, so few threads serve any number of connections. */
  private static final int MAX_THREADS = 64;

  /** Go's clients, Prometheus among them, keep idle connections for 90 s to 5 min. */
  private static final long IDLE_MILLIS = 310_000;

  private GatewayServer() {}

  static Server open(GatewayOptions options) {
    Server server =
        Ports.open(
            "--listen",
            options.bind(),
            options.listen(),
            "gateway",
            MAX_THREADS,
            ClientProtocols.of(options.listenTls(), configuration()));
    Ports.connector(server).setIdleTimeout(IDLE_MILLIS);
    return server;
  }

  static void handle(Server server, MirrorFilter filter, PrimaryProxy proxy, RequestLog log) {
    server.setRequestLog(log);
    server.setHandler(
        new GracefulHandler(
            Ports.connector(server)
                .watch(new FramingGuard(new Intermediary(context(filter, proxy))))));
  }

  private static HttpConfiguration configuration() {
    HttpConfiguration configuration = new HttpConfiguration();
    // The primary decides which URIs are valid.
    configuration.setUriCompliance(UriCompliance.UNSAFE);
    // The authority of an absolute form wins, see Intermediary.
    configuration.setHttpCompliance(
        HttpCompliance.RFC9110.with("gateway", HttpCompliance.Violation.MISMATCHED_AUTHORITY));
    configuration.setHeaderCacheCaseSensitive(true);
    configuration.setRequestHeaderSize(MAX_HEADER_BYTES);
    configuration.setMaxResponseHeaderSize(MAX_HEADER_BYTES + 1024);
    // Each part of the primary's response is forwarded immediately.
    configuration.setOutputAggregationSize(0);
    configuration.setSendServerVersion(false);
    configuration.setSendDateHeader(false);
    return configuration;
  }

  private static ServletContextHandler context(MirrorFilter filter, PrimaryProxy proxy) {
    ServletContextHandler context = new ServletContextHandler("/");
    context.getServletHandler().setDecodeAmbiguousURIs(true);
    context.setErrorHandler(PlainErrors.ofProxy());
    EnumSet<DispatcherType> dispatches = EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC);
    FilterHolder asterisk = new FilterHolder(new AsteriskFilter());
    asterisk.setAsyncSupported(true);
    context.addFilter(asterisk, "/*", dispatches);
    FilterHolder mirror = new FilterHolder(filter);
    mirror.setAsyncSupported(true);
    context.addFilter(mirror, "/*", dispatches);
    ServletHolder primary = new ServletHolder("primary", proxy);
    primary.setAsyncSupported(true);
    primary.setInitOrder(0);
    context.addServlet(primary, "/*");
    return context;
  }
}
