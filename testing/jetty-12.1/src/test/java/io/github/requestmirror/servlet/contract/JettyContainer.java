package io.github.requestmirror.servlet.contract;

import jakarta.servlet.Servlet;
import java.util.function.UnaryOperator;
import org.eclipse.jetty.ee11.servlet.ErrorHandler;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.server.Handler;

/** Jetty 12.1 with the ee11 servlets. */
final class JettyContainer implements Container {
  private final UnaryOperator<Handler> around;
  private final boolean virtualThreads;

  JettyContainer() {
    this(context -> context);
  }

  /**
   * @param around puts other handlers around the context
   */
  JettyContainer(UnaryOperator<Handler> around) {
    this(around, false);
  }

  private JettyContainer(UnaryOperator<Handler> around, boolean virtualThreads) {
    this.around = around;
    this.virtualThreads = virtualThreads;
  }

  @Override
  public Container onVirtualThreads() {
    return new JettyContainer(around, true);
  }

  @Override
  public String documentedName() {
    return "Jetty 12.1";
  }

  @Override
  public Running startAt(String contextPath, Servlet servlet, Mapped... filters) throws Exception {
    ServletContextHandler context = new ServletContextHandler(ServletContextHandler.SESSIONS);
    context.setContextPath(contextPath.isEmpty() ? "/" : contextPath);
    context.getServletHandler().setDecodeAmbiguousURIs(true);
    ErrorHandler errors = new ErrorHandler();
    // The stack trace differs with the filter.
    errors.setShowStacks(false);
    context.setErrorHandler(errors);
    context.addServletContainerInitializer(new Registration(servlet, filters));
    return JettyServer.start(around.apply(context), virtualThreads);
  }
}
