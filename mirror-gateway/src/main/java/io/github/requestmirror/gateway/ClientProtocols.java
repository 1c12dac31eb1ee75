package io.github.requestmirror.gateway;

import java.util.List;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.HTTP2Cipher;
import org.eclipse.jetty.http2.server.AbstractHTTP2ServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;

/**
 * The protocols of the port for clients: HTTP/1.1 and HTTP/2. With TLS the client chooses by ALPN,
 * without TLS by its first bytes.
 */
final class ClientProtocols {
  private static final int MAX_STREAMS = 128;

  /** A stream whose primary is slow holds this much of the connection's window. */
  private static final int STREAM_WINDOW_BYTES = 128 << 10;

  private static final int CONNECTION_WINDOW_BYTES = 1 << 20;

  private ClientProtocols() {}

  static List<ConnectionFactory> of(@Nullable SSLContext tls, HttpConfiguration configuration) {
    HttpConnectionFactory http1 = new HttpConnectionFactory(configuration);
    if (tls == null) {
      return List.of(http1, limited(new PriorKnowledge(configuration)));
    }
    ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory();
    alpn.setDefaultProtocol(http1.getProtocol());
    return List.of(
        new SslConnectionFactory(server(tls), alpn.getProtocol()),
        alpn,
        limited(new HTTP2ServerConnectionFactory(configuration)),
        http1);
  }

  private static SslContextFactory.Server server(SSLContext tls) {
    SslContextFactory.Server factory = new SslContextFactory.Server();
    factory.setSslContext(tls);
    factory.setRenegotiationAllowed(false);
    // HTTP/2 forbids some of the cipher suites of TLS 1.2.
    factory.setCipherComparator(HTTP2Cipher.COMPARATOR);
    return factory;
  }

  private static ConnectionFactory limited(AbstractHTTP2ServerConnectionFactory http2) {
    http2.setMaxConcurrentStreams(MAX_STREAMS);
    http2.setInitialStreamRecvWindow(STREAM_WINDOW_BYTES);
    http2.setInitialSessionRecvWindow(CONNECTION_WINDOW_BYTES);
    // The gateway is not a tunnel.
    http2.setConnectProtocolEnabled(false);
    return http2;
  }

  /** Ignores {@code Upgrade: h2c}, which RFC 9113 no longer has. */
  private static final class PriorKnowledge extends HTTP2CServerConnectionFactory {
    PriorKnowledge(HttpConfiguration configuration) {
      super(configuration);
    }

    @Override
    public @Nullable Connection upgradeConnection(
        Connector connector,
        EndPoint endPoint,
        MetaData.Request request,
        HttpFields.Mutable response) {
      return HttpMethod.PRI.is(request.getMethod())
          ? super.upgradeConnection(connector, endPoint, request, response)
          : null;
    }
  }
}
