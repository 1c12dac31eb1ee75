package io.github.requestmirror.gateway;

import io.github.requestmirror.servlet.MirrorFilter;
import jakarta.servlet.DispatcherType;
import java.util.EnumSet;
import org.eclipse.jetty.ee10.servlet.ErrorHandler;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.RequestLog;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

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
            "--listen", options.bind(), options.listen(), "gateway", MAX_THREADS, configuration());
    Ports.connector(server).setIdleTimeout(IDLE_MILLIS);
    return server;
  }

  static void handle(Server server, MirrorFilter filter, PrimaryProxy proxy, RequestLog log) {
    server.setRequestLog(log);
    server.setHandler(new GracefulHandler(new FramingGuard(context(filter, proxy))));
  }

  private static HttpConfiguration configuration() {
    HttpConfiguration configuration = new HttpConfiguration();
    // The primary decides which URIs are valid.
    configuration.setUriCompliance(UriCompliance.UNSAFE);
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
    context.setErrorHandler(new PlainErrors());
    FilterHolder mirror = new FilterHolder(filter);
    mirror.setAsyncSupported(true);
    context.addFilter(mirror, "/*", EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC));
    ServletHolder primary = new ServletHolder("primary", proxy);
    primary.setAsyncSupported(true);
    primary.setInitOrder(0);
    context.addServlet(primary, "/*");
    return context;
  }

  /** Writes the gateway's own errors as one line of text, whatever the Accept header asks for. */
  private static final class PlainErrors extends ErrorHandler {
    @Override
    protected void generateResponse(
        Request request,
        Response response,
        int code,
        String message,
        @Nullable Throwable cause,
        Callback callback) {
      response.getHeaders().put("Content-Type", "text/plain");
      Content.Sink.write(response, true, "gateway: " + code + " " + message + "\n", callback);
    }
  }
}
