package io.github.requestmirror.benchmarks.micro;

import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.lang.reflect.Proxy;

/** A response with the status 204. Methods that the filter should not call throw. */
final class BareResponse extends HttpServletResponseWrapper {
  BareResponse() {
    super(
        (HttpServletResponse)
            Proxy.newProxyInstance(
                BareResponse.class.getClassLoader(),
                new Class<?>[] {HttpServletResponse.class},
                (proxy, called, arguments) -> {
                  throw new UnsupportedOperationException(called.toString());
                }));
  }

  @Override
  public int getStatus() {
    return SC_NO_CONTENT;
  }
}
