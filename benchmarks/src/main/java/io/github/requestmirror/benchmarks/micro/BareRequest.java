package io.github.requestmirror.benchmarks.micro;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A request without a container, so that only the filter is measured. Its getters allocate nothing,
 * except for enumerations of headers. Methods that the filter should not call throw.
 */
final class BareRequest extends HttpServletRequestWrapper {
  private final String method;
  private final String path;
  private final byte[] body;

  /** Names and values in turn. Few enough to be searched one by one, as containers do. */
  private final String[] headers;

  private String attributeName = "";
  private Object attribute;

  BareRequest(String method, String path) {
    this(method, path, new byte[0], Map.of());
  }

  BareRequest(String method, String path, byte[] body, Map<String, String> headers) {
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
    this.body = body;
    List<String> all = new ArrayList<>();
    // Sorted, because a Map.of has another order in each JVM, and the search another duration.
    new TreeMap<>(headers).forEach((name, value) -> all.addAll(List.of(name, value)));
    if (body.length > 0) {
      all.addAll(List.of("Content-Length", "" + body.length));
    }
    this.headers = all.toArray(String[]::new);
  }

  /** Returns the same request as it was before it was filtered, with nothing read. */
  BareRequest fresh() {
    attribute = null;
    return this;
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
  public String getProtocol() {
    return "HTTP/1.1";
  }

  @Override
  public String getContentType() {
    return getHeader("Content-Type");
  }

  @Override
  public int getContentLength() {
    return body.length;
  }

  @Override
  public long getContentLengthLong() {
    return body.length;
  }

  @Override
  public String getHeader(String name) {
    for (int i = 0; i < headers.length; i += 2) {
      if (headers[i].equalsIgnoreCase(name)) {
        return headers[i + 1];
      }
    }
    return null;
  }

  @Override
  public Enumeration<String> getHeaderNames() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < headers.length; i += 2) {
      names.add(headers[i]);
    }
    return Collections.enumeration(names);
  }

  @Override
  public Enumeration<String> getHeaders(String name) {
    String value = getHeader(name);
    return Collections.enumeration(value == null ? List.of() : List.of(value));
  }

  @Override
  public Object getAttribute(String name) {
    return attribute != null && attributeName.equals(name) ? attribute : null;
  }

  @Override
  public void setAttribute(String name, Object value) {
    attributeName = name;
    attribute = value;
  }

  @Override
  public DispatcherType getDispatcherType() {
    return DispatcherType.REQUEST;
  }

  @Override
  public boolean isAsyncStarted() {
    return false;
  }

  @Override
  public ServletInputStream getInputStream() {
    return new BodyStream();
  }

  /** The body from its start. */
  private final class BodyStream extends ServletInputStream {
    private int position;

    @Override
    public int read() {
      return position == body.length ? -1 : body[position++] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      int count = Math.min(length, body.length - position);
      if (count <= 0) {
        return length == 0 ? 0 : -1;
      }
      System.arraycopy(body, position, into, offset, count);
      position += count;
      return count;
    }

    @Override
    public boolean isFinished() {
      return position == body.length;
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setReadListener(ReadListener listener) {
      throw new UnsupportedOperationException();
    }
  }
}
