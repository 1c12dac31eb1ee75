package io.github.requestmirror.gateways;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.Servlet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.valves.ErrorReportValve;
import org.apache.tomcat.util.buf.EncodedSolidusHandling;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.apache.tomcat.util.http.fileupload.FileUtils;
import org.jspecify.annotations.Nullable;

/** Tomcat 10.1 with one servlet for all paths and an optional filter. */
final class TomcatServer {
  /** Kept in a field: java.util.logging forgets the settings of collected loggers. */
  private static final Logger QUIET = Logger.getLogger("org.apache");

  static {
    QUIET.setUseParentHandlers(false);
  }

  private TomcatServer() {}

  static Running start(Servlet servlet, Map<String, String> initParams, @Nullable Filter filter)
      throws Exception {
    Path directory = Files.createTempDirectory("tomcat");
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(directory.toString());
    Connector connector = new Connector();
    connector.setPort(0);
    connector.setProperty("address", "127.0.0.1");
    connector.setProperty("maxKeepAliveRequests", "-1");
    connector.setEncodedSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
    tomcat.setConnector(connector);
    ErrorReportValve errors = new ErrorReportValve();
    // The stack trace differs with the filter.
    errors.setShowReport(false);
    tomcat.getHost().getPipeline().addValve(errors);
    Context context = tomcat.addContext("", directory.toString());
    Wrapper wrapper = Tomcat.addServlet(context, "servlet", servlet);
    wrapper.setAsyncSupported(true);
    initParams.forEach(wrapper::addInitParameter);
    context.addServletMappingDecoded("/*", "servlet");
    if (filter != null) {
      addFilter(context, filter);
    }
    tomcat.start();
    return new Running(
        connector.getLocalPort(),
        () -> {
          tomcat.stop();
          tomcat.destroy();
          FileUtils.deleteDirectory(directory.toFile());
        });
  }

  private static void addFilter(Context context, Filter filter) {
    FilterDef definition = new FilterDef();
    definition.setFilterName("filter");
    definition.setFilter(filter);
    definition.setAsyncSupported("true");
    context.addFilterDef(definition);
    FilterMap map = new FilterMap();
    map.setFilterName("filter");
    map.addURLPattern("/*");
    map.setDispatcher(DispatcherType.REQUEST.name());
    map.setDispatcher(DispatcherType.ASYNC.name());
    context.addFilterMap(map);
  }
}
