package io.github.requestmirror.gateways;

import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.util.function.Supplier;
import org.eclipse.jetty.ee10.proxy.AsyncProxyServlet;
import org.jspecify.annotations.Nullable;

/** Jetty's proxy that reads a request's body without blocking. */
class JettyAsyncProxyTest extends GatewayContract {
  @Override
  Running start(Supplier<URI> primary, @Nullable Filter filter) throws Exception {
    return JettyServer.start(new Proxy(primary), filter);
  }

  private static final class Proxy extends AsyncProxyServlet {
    private static final long serialVersionUID = 1L;
    private final transient Supplier<URI> primary;

    Proxy(Supplier<URI> primary) {
      this.primary = primary;
    }

    @Override
    protected String rewriteTarget(HttpServletRequest request) {
      String query = request.getQueryString();
      return primary.get() + request.getRequestURI() + (query == null ? "" : "?" + query);
    }
  }
}
