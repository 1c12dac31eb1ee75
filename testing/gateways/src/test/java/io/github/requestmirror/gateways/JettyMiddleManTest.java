package io.github.requestmirror.gateways;

import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.util.function.Supplier;
import org.eclipse.jetty.ee10.proxy.AsyncMiddleManServlet;
import org.jspecify.annotations.Nullable;

/** Jetty's proxy that can transform requests and responses. */
class JettyMiddleManTest extends GatewayContract {
  @Override
  Running start(Supplier<URI> primary, @Nullable Filter filter) throws Exception {
    return JettyServer.start(new Proxy(primary), filter);
  }

  /** It responds with 500 or 502, depending on a race between its threads. */
  @Override
  boolean respondsConsistently() {
    return false;
  }

  private static final class Proxy extends AsyncMiddleManServlet {
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
