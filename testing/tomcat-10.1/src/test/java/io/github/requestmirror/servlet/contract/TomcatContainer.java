package io.github.requestmirror.servlet.contract;

import jakarta.servlet.Servlet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleState;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.util.ServerInfo;
import org.apache.catalina.valves.ErrorReportValve;
import org.apache.coyote.Processor;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.tomcat.util.buf.EncodedSolidusHandling;
import org.apache.tomcat.util.threads.VirtualThreadExecutor;
import org.jspecify.annotations.Nullable;

/** Tomcat 10.1 or 11, depending on the module. */
final class TomcatContainer implements Container {
  /**
   * Loggers of exceptions that tests throw on purpose. Kept in a field, because java.util.logging
   * forgets the levels of loggers that are garbage-collected.
   */
  private static final List<Logger> QUIET =
      Stream.of("org.apache", "org.apache.catalina.core.ContainerBase.[Tomcat].[localhost].[/]")
          .map(Logger::getLogger)
          .toList();

  private final boolean virtualThreads;

  TomcatContainer() {
    this(false);
  }

  private TomcatContainer(boolean virtualThreads) {
    this.virtualThreads = virtualThreads;
  }

  @Override
  public Container onVirtualThreads() {
    return new TomcatContainer(true);
  }

  @Override
  public String documentedName() {
    return ServerInfo.getServerNumber().startsWith("10.1.") ? "Tomcat 10.1" : "Tomcat 11";
  }

  @Override
  public Running startAt(String contextPath, Servlet servlet, Mapped... filters) throws Exception {
    Path directory = Files.createTempDirectory("tomcat");
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(directory.toString());
    Connector connector = new Connector(new PromptTimeouts());
    if (virtualThreads) {
      connector.getProtocolHandler().setExecutor(new VirtualThreadExecutor("virtual"));
    }
    connector.setPort(0);
    connector.setProperty("address", "127.0.0.1");
    connector.setEncodedSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
    connector.setProperty("maxKeepAliveRequests", "-1");
    connector.addUpgradeProtocol(new Http2Protocol());
    tomcat.setConnector(connector);
    ErrorReportValve errors = new ErrorReportValve();
    // The stack trace differs with the filter.
    errors.setShowReport(false);
    tomcat.getHost().getPipeline().addValve(errors);
    Context context = tomcat.addContext(contextPath, directory.toString());
    // After addContext, which sets the level of the context's logger.
    QUIET.forEach(logger -> logger.setLevel(Level.OFF));
    // By default a stopping servlet waits two seconds for its requests to end.
    ((StandardContext) context).setUnloadDelay(100);
    context.addServletContainerInitializer(new Registration(servlet, filters), Set.of());
    tomcat.start();
    Running running =
        new Running(
            connector.getLocalPort(),
            () -> {
              tomcat.stop();
              tomcat.destroy();
              delete(directory);
            });
    if (context.getState() != LifecycleState.STARTED) {
      running.close();
      throw new IllegalStateException("the context is " + context.getState());
    }
    return running;
  }

  /** Checks the timeouts of asynchronous requests every few milliseconds, not every second. */
  private static final class PromptTimeouts extends Http11NioProtocol {
    private final Set<Processor> waiting = ConcurrentHashMap.newKeySet();
    private @Nullable ScheduledFuture<?> checks;

    @Override
    public void addWaitingProcessor(Processor processor) {
      waiting.add(processor);
      super.addWaitingProcessor(processor);
    }

    @Override
    public void removeWaitingProcessor(Processor processor) {
      waiting.remove(processor);
      super.removeWaitingProcessor(processor);
    }

    @Override
    protected void startAsyncTimeout() {
      checks =
          getUtilityExecutor()
              .scheduleWithFixedDelay(
                  () -> waiting.forEach(p -> p.timeoutAsync(System.currentTimeMillis())),
                  10,
                  10,
                  TimeUnit.MILLISECONDS);
    }

    @Override
    protected void stopAsyncTimeout() {
      if (checks != null) {
        checks.cancel(false);
        checks = null;
      }
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
