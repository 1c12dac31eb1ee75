package io.github.requestmirror.servlet;

import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletContext;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A servlet context that has a path and attributes, and nothing else. */
final class ContextAttributes {
  private ContextAttributes() {}

  static ServletContext context(String path, Map<String, Object> attributes) {
    return context(path, attributes, 6);
  }

  static ServletContext context(String path, Map<String, Object> attributes, int version) {
    return (ServletContext)
        Proxy.newProxyInstance(
            ServletContext.class.getClassLoader(),
            new Class<?>[] {ServletContext.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "getContextPath" -> path;
                  case "getMajorVersion" -> version;
                  case "getMinorVersion" -> 0;
                  case "getAttribute" -> attributes.get(arguments[0]);
                  case "setAttribute" -> attributes.put((String) arguments[0], arguments[1]);
                  case "removeAttribute" -> attributes.remove(arguments[0]);
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  /** The configuration of a filter in such a context. */
  record Config(String filterName, ServletContext context, Map<String, String> params)
      implements FilterConfig {
    @Override
    public String getFilterName() {
      return filterName;
    }

    @Override
    public ServletContext getServletContext() {
      return context;
    }

    @Override
    public @Nullable String getInitParameter(String name) {
      return params.get(name);
    }

    @Override
    public Enumeration<String> getInitParameterNames() {
      return Collections.enumeration(params.keySet());
    }
  }
}
