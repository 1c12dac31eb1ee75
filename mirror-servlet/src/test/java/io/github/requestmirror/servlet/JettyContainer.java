package io.github.requestmirror.servlet;

import jakarta.servlet.MultipartConfigElement;
import jakarta.servlet.Servlet;
import java.util.EnumSet;
import org.eclipse.jetty.ee10.servlet.ErrorHandler;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** Jetty 12 with the ee10 servlets. */
final class JettyContainer implements Container {

  @Override
  public Running start(Servlet servlet, Mapped... filters) throws Exception {
    Server server = new Server();
    HttpConfiguration configuration = new HttpConfiguration();
    configuration.setUriCompliance(UriCompliance.UNSAFE);
    ServerConnector connector =
        new ServerConnector(server, 1, 1, new HttpConnectionFactory(configuration));
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    server.setHandler(context(servlet, filters));
    try {
      server.start();
    } catch (Exception e) {
      server.stop();
      throw e;
    }
    return new Running(connector.getLocalPort(), server::stop);
  }

  private static ServletContextHandler context(Servlet servlet, Mapped... filters) {
    ServletContextHandler context = new ServletContextHandler("/", ServletContextHandler.SESSIONS);
    context.getServletHandler().setDecodeAmbiguousURIs(true);
    ErrorHandler errors = new ErrorHandler();
    // The stack of a filtered request is not that of an unfiltered one.
    errors.setShowStacks(false);
    context.setErrorHandler(errors);
    for (Mapped mapped : filters) {
      FilterHolder holder =
          mapped.filter() == null
              ? new FilterHolder(MirrorFilter.class)
              : new FilterHolder(mapped.filter());
      holder.setName(mapped.name());
      holder.setInitParameters(mapped.initParams());
      holder.setAsyncSupported(true);
      for (int i = 0; i < mapped.times(); i++) {
        context.addFilter(holder, "/*", EnumSet.copyOf(mapped.dispatches()));
      }
    }
    ServletHolder holder = new ServletHolder("app", servlet);
    holder.setAsyncSupported(true);
    holder
        .getRegistration()
        .setMultipartConfig(new MultipartConfigElement(System.getProperty("java.io.tmpdir")));
    context.addServlet(holder, "/*");
    return context;
  }
}
