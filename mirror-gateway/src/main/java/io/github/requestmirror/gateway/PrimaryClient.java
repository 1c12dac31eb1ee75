package io.github.requestmirror.gateway;

import java.util.concurrent.Executor;
import org.eclipse.jetty.client.ContinueProtocolHandler;
import org.eclipse.jetty.client.DuplexConnectionPool;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** The HTTP client towards the primary: passes everything on, decides nothing, within limits. */
final class PrimaryClient {
  /** The default of Prometheus is 50 shards for each remote-write endpoint. */
  private static final int MAX_CONNECTIONS = 1024;

  private static final int MAX_WAITING = 1024;

  /** Below the 2 min after which Cortex closes idle connections, so that it never does so first. */
  private static final long IDLE_MILLIS = 60_000;

  /** New addresses of the primary come into use within this time. */
  private static final long CONNECTION_LIFE_MILLIS = 60_000;

  private static final int BUFFER_BYTES = 16 << 10;

  private PrimaryClient() {}

  static HttpClient start(Executor executor, long connectTimeoutMillis) {
    ClientConnector connector = new ClientConnector();
    connector.setSelectors(1);
    connector.setSslContextFactory(new SslContextFactory.Client());
    HttpClientTransportOverHTTP transport = new HttpClientTransportOverHTTP(connector);
    // Else "text/plain; charset=UTF-8" becomes what Jetty remembers for it.
    transport.setHeaderCacheCaseSensitive(true);
    transport.setConnectionPoolFactory(
        destination -> {
          DuplexConnectionPool pool = new DuplexConnectionPool(destination, MAX_CONNECTIONS);
          pool.setMaxDuration(CONNECTION_LIFE_MILLIS);
          return pool;
        });
    HttpClient client = new HttpClient(transport);
    client.setExecutor(executor);
    client.setMaxConnectionsPerDestination(MAX_CONNECTIONS);
    client.setMaxRequestsQueuedPerDestination(MAX_WAITING);
    client.setConnectTimeout(connectTimeoutMillis);
    client.setAddressResolutionTimeout(connectTimeoutMillis);
    client.setIdleTimeout(IDLE_MILLIS);
    client.setRequestBufferSize(BUFFER_BYTES);
    client.setResponseBufferSize(BUFFER_BYTES);
    client.setMaxRequestHeadersSize(GatewayServer.MAX_HEADER_BYTES + 1024);
    client.setMaxResponseHeadersSize(GatewayServer.MAX_HEADER_BYTES);
    client.setFollowRedirects(false);
    client.setHttpCookieStore(new HttpCookieStore.Empty());
    client.setUserAgentField(null);
    client.setDefaultRequestContentType(null);
    try {
      client.start();
    } catch (Exception e) {
      throw new IllegalStateException("the client of the primary does not start", e);
    }
    // Only known after the start: responses must stay encoded, and no status has a meaning here.
    client.getContentDecoderFactories().clear();
    client.getProtocolHandlers().clear();
    client.getProtocolHandlers().put(new ContinueProtocolHandler());
    return client;
  }
}
