package io.github.requestmirror.benchmarks;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.lang.reflect.Proxy;

/**
 * A request without behaviour and without allocation, so that only the filter is measured. Methods
 * that the filter should not call throw.
 */
final class BareRequest extends HttpServletRequestWrapper {
  private final String method;
  private final String path;

  BareRequest(String method, String path) {
    super(
        (HttpServletRequest)
            Proxy.newProxyInstance(
                BareRequest.class.getClassLoader(),
                new Class<?>[] {HttpServletRequest.class},
                (proxy, called, arguments) -> {
                  throw new UnsupportedOperationException(called.toString());
                }));
    this.method = method;
    this.path = path;
  }

  @Override
  public String getMethod() {
    return method;
  }

  @Override
  public String getRequestURI() {
    return path;
  }

  @Override
  public String getContextPath() {
    return "";
  }

  @Override
  public String getQueryString() {
    return null;
  }

  @Override
  public String getHeader(String name) {
    return null;
  }

  @Override
  public Object getAttribute(String name) {
    return null;
  }

  @Override
  public DispatcherType getDispatcherType() {
    return DispatcherType.REQUEST;
  }
}
