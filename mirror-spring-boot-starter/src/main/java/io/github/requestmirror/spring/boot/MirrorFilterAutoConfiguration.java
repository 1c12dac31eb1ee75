package io.github.requestmirror.spring.boot;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.servlet.MirrorFilter;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * Mirrors the requests that a servlet application receives, unless properties name clients whose
 * requests are mirrored, or the application registers a {@link MirrorFilter} itself. A {@link
 * Mirror} of the application gets no filter: it may be that of an interceptor, and each request
 * would then be mirrored twice.
 */
@AutoConfiguration(after = MirrorAutoConfiguration.class)
@ConditionalOnClass(Filter.class)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnBean(MirrorAutoConfiguration.OfProperties.class)
public final class MirrorFilterAutoConfiguration {
  /**
   * After Spring Security, whose default is -100, so that the requests it refuses are not mirrored.
   * A number, because the constant is in another package in each line of Spring Boot, and the
   * application need not have Spring Security.
   */
  static final int DEFAULT_ORDER = 0;

  /** For Spring. */
  MirrorFilterAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean(
      value = MirrorFilter.class,
      parameterizedContainer = FilterRegistrationBean.class)
  FilterRegistrationBean<Filter> requestMirrorFilter(
      Mirror mirror, MirrorProperties properties, ObjectProvider<UnmirroredRequests> unmirrored) {
    FilterRegistrationBean<Filter> filter =
        new FilterRegistrationBean<>(
            new ServerRequestsFilter(new MirrorFilter(mirror), unmirrored.stream().toList()));
    filter.setDispatcherTypes(DispatcherType.REQUEST, DispatcherType.ASYNC);
    filter.setAsyncSupported(true);
    filter.setOrder(properties.filterOrder(DEFAULT_ORDER));
    // A gateway would otherwise send two copies of a request that it forwards with such a client.
    filter.setEnabled(properties.clients().isEmpty());
    return filter;
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass({PathMappedEndpoints.class, ManagementPortType.class})
  static class Actuator {
    @Bean
    UnmirroredRequests requestMirrorActuatorRequests(
        ObjectProvider<PathMappedEndpoints> endpoints, Environment environment) {
      return new ActuatorRequests(endpoints, environment);
    }
  }
}
