package io.github.requestmirror.spring.boot;

import io.github.requestmirror.servlet.MirrorFilter;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;

/** The filter of the mirror, except for some requests. */
final class ServerRequestsFilter implements Filter {
  private final MirrorFilter filter;
  private final List<UnmirroredRequests> unmirrored;

  ServerRequestsFilter(MirrorFilter filter, List<UnmirroredRequests> unmirrored) {
    this.filter = filter;
    this.unmirrored = List.copyOf(unmirrored);
  }

  @Override
  public void init(FilterConfig config) throws ServletException {
    filter.init(config);
  }

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    // A mirrored request stays one, wherever it is dispatched.
    if (request.getDispatcherType() == DispatcherType.REQUEST
        && request instanceof HttpServletRequest http
        && isUnmirrored(http)) {
      chain.doFilter(request, response);
    } else {
      filter.doFilter(request, response, chain);
    }
  }

  private boolean isUnmirrored(HttpServletRequest request) {
    for (int i = 0; i < unmirrored.size(); i++) {
      if (unmirrored.get(i).contains(request)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void destroy() {
    filter.destroy();
  }
}
