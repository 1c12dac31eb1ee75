package io.github.requestmirror.spring.boot;

import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoint;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.actuate.endpoint.web.WebServerNamespace;
import org.springframework.core.env.Environment;

/**
 * The requests to the actuator of this application. A copy of {@code POST /actuator/mirror} would
 * switch the mirror of the secondary, and probes are no traffic.
 */
final class ActuatorRequests implements UnmirroredRequests, SmartInitializingSingleton {
  private final ObjectProvider<PathMappedEndpoints> endpoints;
  private final Environment environment;
  private final String servlet;
  private volatile List<String> paths = List.of();

  ActuatorRequests(ObjectProvider<PathMappedEndpoints> endpoints, Environment environment) {
    this.endpoints = endpoints;
    this.environment = environment;
    this.servlet = servlet(environment.getProperty("spring.mvc.servlet.path", "/"));
  }

  /** The class with this property is in another package in each line of Spring Boot. */
  private static String servlet(String path) {
    int star = path.indexOf('*');
    String prefix = star < 0 ? path : path.substring(0, star);
    return prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix;
  }

  /**
   * Reads the paths: before the first request, but not before the filter, because that would create
   * the endpoints while the web server is being created.
   */
  @Override
  public void afterSingletonsInstantiated() {
    endpoints.ifAvailable(found -> paths = paths(found));
  }

  private List<String> paths(PathMappedEndpoints found) {
    List<String> all = new ArrayList<>();
    if (ManagementPortType.get(environment) == ManagementPortType.SAME) {
      if (found.getBasePath().isEmpty()) {
        all.addAll(found.getAllPaths());
      } else {
        // Endpoints that are not exposed here may be exposed by the secondary.
        all.add(found.getBasePath());
      }
    }
    for (PathMappedEndpoint endpoint : found) {
      // Such as /livez, also if the management port is another one.
      for (String path : endpoint.getAdditionalPaths(WebServerNamespace.SERVER)) {
        all.add(path.startsWith("/") ? path : "/" + path);
      }
    }
    return List.copyOf(all);
  }

  @Override
  public boolean contains(HttpServletRequest request) {
    // Decoded, without path parameters and without the context path.
    String inServlet = request.getPathInfo();
    return inServlet == null
        ? servlet.isEmpty() && isPath(request.getServletPath())
        : servlet.equals(request.getServletPath()) && isPath(inServlet);
  }

  private boolean isPath(String requested) {
    for (String path : paths) {
      if (requested.startsWith(path)
          && (requested.length() == path.length() || requested.charAt(path.length()) == '/')) {
        return true;
      }
    }
    return false;
  }
}
