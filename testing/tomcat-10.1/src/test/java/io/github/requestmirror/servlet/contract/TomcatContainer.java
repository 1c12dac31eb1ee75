package io.github.requestmirror.servlet.contract;

import jakarta.servlet.Servlet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleState;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.util.ServerInfo;
import org.apache.catalina.valves.ErrorReportValve;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.tomcat.util.buf.EncodedSolidusHandling;

/** Tomcat, whichever the module has. */
final class TomcatContainer implements Container {
  /** Applications that throw are what many tests are about. Held, lest the levels be forgotten. */
  private static final List<Logger> QUIET =
      Stream.of("org.apache", "org.apache.catalina.core.ContainerBase.[Tomcat].[localhost].[/]")
          .map(Logger::getLogger)
          .toList();

  @Override
  public String documentedName() {
    return ServerInfo.getServerNumber().startsWith("10.1.") ? "Tomcat 10.1" : "Tomcat 11";
  }

  @Override
  public Running startAt(String contextPath, Servlet servlet, Mapped... filters) throws Exception {
    Path directory = Files.createTempDirectory("tomcat");
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(directory.toString());
    Connector connector = new Connector();
    connector.setPort(0);
    connector.setProperty("address", "127.0.0.1");
    connector.setEncodedSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
    connector.setProperty("maxKeepAliveRequests", "-1");
    connector.addUpgradeProtocol(new Http2Protocol());
    tomcat.setConnector(connector);
    ErrorReportValve errors = new ErrorReportValve();
    // The stack of a filtered request is not that of an unfiltered one.
    errors.setShowReport(false);
    tomcat.getHost().getPipeline().addValve(errors);
    Context context = tomcat.addContext(contextPath, directory.toString());
    // Here, because adding a context sets the level of its logger.
    QUIET.forEach(logger -> logger.setLevel(Level.OFF));
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

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
