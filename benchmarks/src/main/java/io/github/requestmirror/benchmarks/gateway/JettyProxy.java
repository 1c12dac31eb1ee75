package io.github.requestmirror.benchmarks.gateway;

import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.ee10.proxy.AsyncProxyServlet;
import org.eclipse.jetty.io.ClientConnector;

/** Jetty's asynchronous proxy to one primary, with one selector. */
final class JettyProxy extends AsyncProxyServlet {
  private static final long serialVersionUID = 1L;

  private final transient URI primary;

  JettyProxy(URI primary) {
    this.primary = primary;
  }

  @Override
  protected String rewriteTarget(HttpServletRequest request) {
    return primary + request.getRequestURI();
  }

  @Override
  protected HttpClient newHttpClient() {
    ClientConnector connector = new ClientConnector();
    connector.setSelectors(1);
    return new HttpClient(new HttpClientTransportOverHTTP(connector));
  }
}
