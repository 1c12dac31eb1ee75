package io.github.requestmirror.gateways;

import jakarta.servlet.Filter;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.http.client.utils.URIUtils;
import org.jspecify.annotations.Nullable;
import org.mitre.dsmiley.httpproxy.ProxyServlet;

/** The proxy servlet of David Smiley, on Tomcat. */
class SmileyProxyTest extends GatewayContract {
  @Override
  Running start(Supplier<URI> primary, @Nullable Filter filter) throws Exception {
    return TomcatServer.start(new Proxy(primary), Map.of("targetUri", "http://unused"), filter);
  }

  private static final class Proxy extends ProxyServlet {
    private static final long serialVersionUID = 1L;
    private final transient Supplier<URI> primary;

    Proxy(Supplier<URI> primary) {
      this.primary = primary;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
        throws ServletException, IOException {
      request.setAttribute(ATTR_TARGET_URI, primary.get().toString());
      request.setAttribute(ATTR_TARGET_HOST, URIUtils.extractHost(primary.get()));
      super.service(request, response);
    }
  }
}
