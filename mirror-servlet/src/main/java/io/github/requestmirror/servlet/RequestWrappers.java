package io.github.requestmirror.servlet;

import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;

/**
 * Looks at what other filters have wrapped around the container's request. Any thread.
 *
 * <p>Containers read their own request, past every wrapper, and know what arrived on the
 * connection. A wrapper may hide headers, and its stream may say anything.
 */
final class RequestWrappers {
  private static final Overrides STREAM = new Overrides("getInputStream");
  private static final Overrides READER = new Overrides("getReader");

  private RequestWrappers() {}

  /** Returns the container's request, as far as wrappers show it. */
  static ServletRequest innermost(ServletRequest request) {
    ServletRequest inner = request;
    while (inner instanceof ServletRequestWrapper wrapper) {
      inner = wrapper.getRequest();
    }
    return inner;
  }

  /** Tells whether a filter supplies the stream, so that it may be any bytes. */
  static boolean overrideStream(ServletRequest request) {
    return isOverridden(STREAM, request);
  }

  /** Tells whether a filter supplies the reader, so that it may decode in any way. */
  static boolean overrideReader(ServletRequest request) {
    return isOverridden(READER, request);
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

  /** Whether a class of wrappers has a method of its own. Looked up once for each class. */
  private static final class Overrides extends ClassValue<Boolean> {
    private final String method;

    Overrides(String method) {
      this.method = method;
    }

    @Override
    protected Boolean computeValue(Class<?> type) {
      if (type == MirroringRequestWrapper.class) {
        // Of another mirror: it passes everything on.
        return false;
      }
      try {
        return type.getMethod(method).getDeclaringClass() != ServletRequestWrapper.class;
      } catch (NoSuchMethodException e) {
        // A native image without this metadata. The careful assumption.
        return true;
      }
    }
  }
}
