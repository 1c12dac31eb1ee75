package io.github.requestmirror.gateway;

import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.client.DuplexConnectionPool;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;

/** The HTTP client towards the primary: passes everything on, decides nothing, within limits. */
final class PrimaryClient {
  /** The default of Prometheus is 50 shards for each remote-write endpoint. */
  private static final int MAX_CONNECTIONS = 1024;

  private static final int MAX_WAITING = 1024;

  /** Less than the 2 min after which Cortex closes idle connections, so that the gateway does. */
  private static final long IDLE_MILLIS = 60_000;

  /** Limits how long connections to an old address of the primary are used. */
  private static final long CONNECTION_LIFE_MILLIS = 60_000;

  private static final int BUFFER_BYTES = 16 << 10;

  private PrimaryClient() {}

  /** Starts the client, with the TLS settings of the JVM if there are no others. */
  static HttpClient start(Executor executor, long connectTimeoutMillis, @Nullable SSLContext tls) {
    ClientConnector connector = new ClientConnector();
    connector.setSelectors(1);
    SslContextFactory.Client ssl = new SslContextFactory.Client();
    ssl.setEndpointIdentificationAlgorithm("HTTPS");
    if (tls != null) {
      ssl.setSslContext(tls);
    }
    connector.setSslContextFactory(ssl);
    HttpClientTransportOverHTTP transport = new HttpClientTransportOverHTTP(connector);
    // Otherwise Jetty replaces values such as "text/plain; charset=UTF-8" by its cached spelling.
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
      throw new IllegalStateException("the client for the primary failed to start", e);
    }
    // start() adds these. The gateway forwards responses encoded and acts on no final status.
    client.getContentDecoderFactories().clear();
    client.getProtocolHandlers().clear();
    client.getProtocolHandlers().put(new InterimResponses());
    return client;
  }
}
