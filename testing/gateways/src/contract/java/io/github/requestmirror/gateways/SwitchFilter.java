package io.github.requestmirror.gateways;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Delegates to the filter of the current test, so that the server can keep running. */
final class SwitchFilter implements Filter {
  private volatile @Nullable Filter present;

  void set(Filter filter) {
    present = filter;
  }

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    Filter filter = present;
    if (filter == null) {
      chain.doFilter(request, response);
    } else {
      filter.doFilter(request, response, chain);
    }
  }
}
