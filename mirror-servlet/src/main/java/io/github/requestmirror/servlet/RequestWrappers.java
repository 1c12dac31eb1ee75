package io.github.requestmirror.servlet;

import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;

/**
 * Inspects the wrappers that other filters have put around the container's request. Thread-safe.
 *
 * <p>The container's own request shows the headers that arrived on the connection. A wrapper may
 * hide headers and supply any stream.
 */
final class RequestWrappers {
  private static final Overrides STREAM = new Overrides("getInputStream");
  private static final Overrides READER = new Overrides("getReader");

  private RequestWrappers() {}

  /** Returns the innermost request that the wrappers expose, normally the container's own. */
  static ServletRequest innermost(ServletRequest request) {
    ServletRequest inner = request;
    while (inner instanceof ServletRequestWrapper wrapper) {
      inner = wrapper.getRequest();
    }
    return inner;
  }

  /** Tells whether a filter supplies the stream, which may then contain any bytes. */
  static boolean overrideStream(ServletRequest request) {
    return isOverridden(STREAM, request);
  }

  /** Tells whether a filter supplies the reader, which may then decode in any way. */
  static boolean overrideReader(ServletRequest request) {
    return isOverridden(READER, request);
  }

  /**
   * Tells whether the reader throws on bytes that are not valid in the charset: Tomcat's does,
   * those of other containers and of filters usually replace them. A request cannot tell without
   * reading, and a container that has returned its reader refuses the stream.
   */
  static boolean reportMalformedText(ServletRequest request) {
    return !overrideReader(request)
        && innermost(request).getClass().getName().startsWith("org.apache.catalina.");
  }

  private static boolean isOverridden(Overrides method, ServletRequest request) {
    ServletRequest inner = request;
    while (inner instanceof ServletRequestWrapper wrapper) {
      if (method.get(wrapper.getClass())) {
        return true;
      }
      inner = wrapper.getRequest();
    }
    return false;
  }

  /** Tells whether a wrapper class overrides a method. Looked up once for each class. */
  private static final class Overrides extends ClassValue<Boolean> {
    private final String method;

    Overrides(String method) {
      this.method = method;
    }

    @Override
    protected Boolean computeValue(Class<?> type) {
      if (type == MirroringRequestWrapper.class) {
        // The wrapper of another mirror, which does not change the body.
        return false;
      }
      try {
        return type.getMethod(method).getDeclaringClass() != ServletRequestWrapper.class;
      } catch (NoSuchMethodException e) {
        // In a native image without reflection metadata. Assume the unfavourable case.
        return true;
      }
    }
  }
}
