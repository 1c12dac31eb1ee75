package io.github.requestmirror.gateways;

import static org.springframework.cloud.gateway.server.mvc.handler.HandlerFunctions.http;
import static org.springframework.web.servlet.function.RequestPredicates.all;
import static org.springframework.web.servlet.function.RouterFunctions.route;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.cloud.gateway.server.mvc.common.MvcUtils;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerResponse;

/** Spring Cloud Gateway Server MVC on Spring Boot's Tomcat. */
final class SpringGateway {
  private SpringGateway() {}

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {}

  /**
   * Starts it with one route for everything.
   *
   * @param settings additional Spring Boot properties
   */
  static Running start(
      Supplier<URI> primary, @Nullable Filter filter, Map<String, Object> settings) {
    ServletWebServerApplicationContext context =
        (ServletWebServerApplicationContext)
            new SpringApplicationBuilder(Application.class)
                .properties(settings)
                .properties(
                    "server.port=0",
                    "server.address=127.0.0.1",
                    "spring.main.banner-mode=off",
                    "logging.config=classpath:logback-test.xml")
                .initializers(beans -> addBeans((GenericApplicationContext) beans, primary, filter))
                .run();
    return new Running(Objects.requireNonNull(context.getWebServer()).getPort(), context);
  }

  private static void addBeans(
      GenericApplicationContext beans, Supplier<URI> primary, @Nullable Filter filter) {
    beans.registerBean("route", RouterFunction.class, () -> everythingTo(primary));
    if (filter != null) {
      beans.registerBean("mirror", FilterRegistrationBean.class, () -> registrationOf(filter));
    }
  }

  private static RouterFunction<ServerResponse> everythingTo(Supplier<URI> primary) {
    return route()
        .route(all(), http())
        .before(
            request -> {
              MvcUtils.setRequestUrl(request, primary.get());
              return request;
            })
        .build();
  }

  /** Registers the filter as an application would. */
  private static FilterRegistrationBean<Filter> registrationOf(Filter filter) {
    FilterRegistrationBean<Filter> registration = new FilterRegistrationBean<>(filter);
    registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 10);
    registration.setDispatcherTypes(DispatcherType.REQUEST, DispatcherType.ASYNC);
    registration.setAsyncSupported(true);
    return registration;
  }
}
