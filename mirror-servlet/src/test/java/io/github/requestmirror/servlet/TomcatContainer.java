package io.github.requestmirror.servlet;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.MultipartConfigElement;
import jakarta.servlet.Servlet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleState;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.valves.ErrorReportValve;
import org.apache.tomcat.util.buf.EncodedSolidusHandling;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;

/** Tomcat 10.1. */
final class TomcatContainer implements Container {
  /** Held, because the level of a logger that nobody holds is forgotten. */
  private static final List<Logger> QUIET =
      List.of(Logger.getLogger("org.apache.catalina"), Logger.getLogger("org.apache.coyote"));

  static {
    QUIET.forEach(logger -> logger.setLevel(Level.OFF));
  }

  @Override
  public Running start(Servlet servlet, Mapped... filters) throws Exception {
    Path directory = Files.createTempDirectory("tomcat");
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(directory.toString());
    Connector connector = new Connector();
    connector.setPort(0);
    connector.setProperty("address", "127.0.0.1");
    connector.setEncodedSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
    connector.setProperty("maxKeepAliveRequests", "-1");
    tomcat.setConnector(connector);
    ErrorReportValve errors = new ErrorReportValve();
    // The stack of a filtered request is not that of an unfiltered one.
    errors.setShowReport(false);
    tomcat.getHost().getPipeline().addValve(errors);
    Context context = tomcat.addContext("", directory.toString());
    map(context, directory, servlet, filters);
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

  private static void map(Context context, Path directory, Servlet servlet, Mapped... filters) {
    Wrapper wrapper = Tomcat.addServlet(context, "app", servlet);
    wrapper.setAsyncSupported(true);
    wrapper.setMultipartConfigElement(new MultipartConfigElement(directory.toString()));
    context.addServletMappingDecoded("/*", "app");
    for (Mapped mapped : filters) {
      FilterDef definition = new FilterDef();
      definition.setFilterName(mapped.name());
      if (mapped.filter() == null) {
        definition.setFilterClass(MirrorFilter.class.getName());
      } else {
        definition.setFilter(mapped.filter());
      }
      definition.setAsyncSupported("true");
      mapped.initParams().forEach(definition::addInitParameter);
      context.addFilterDef(definition);
      for (int i = 0; i < mapped.times(); i++) {
        FilterMap map = new FilterMap();
        map.setFilterName(mapped.name());
        map.addURLPattern("/*");
        mapped.dispatches().stream().map(DispatcherType::name).forEach(map::setDispatcher);
        context.addFilterMap(map);
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
