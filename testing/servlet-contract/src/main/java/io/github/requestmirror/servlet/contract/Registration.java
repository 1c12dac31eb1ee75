package io.github.requestmirror.servlet.contract;

import io.github.requestmirror.servlet.MirrorFilter;
import io.github.requestmirror.servlet.contract.Container.Mapped;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.MultipartConfigElement;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletContainerInitializer;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletRegistration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Registers a servlet and its filters with the API that all containers have. */
final class Registration implements ServletContainerInitializer {
  private final Servlet servlet;
  private final List<Mapped> filters;

  Registration(Servlet servlet, Mapped... filters) {
    this.servlet = servlet;
    this.filters = List.of(filters);
  }

  @Override
  public void onStartup(@Nullable Set<Class<?>> classes, ServletContext context) {
    for (Mapped mapped : filters) {
      FilterRegistration.Dynamic filter =
          mapped.filter() == null
              ? context.addFilter(mapped.name(), MirrorFilter.class)
              : context.addFilter(mapped.name(), mapped.filter());
      filter.setInitParameters(mapped.initParams());
      filter.setAsyncSupported(true);
      for (int i = 0; i < mapped.times(); i++) {
        filter.addMappingForUrlPatterns(EnumSet.copyOf(mapped.dispatches()), true, "/*");
      }
    }
    ServletRegistration.Dynamic app = context.addServlet("app", servlet);
    app.setAsyncSupported(true);
    app.setMultipartConfig(new MultipartConfigElement(System.getProperty("java.io.tmpdir")));
    app.addMapping("/*");
  }
}
