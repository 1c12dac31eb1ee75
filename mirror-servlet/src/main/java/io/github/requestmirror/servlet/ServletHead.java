package io.github.requestmirror.servlet;

import io.github.requestmirror.Headers;
import io.github.requestmirror.RequestHead;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.util.Enumeration;
import org.jspecify.annotations.Nullable;

/**
 * A view of a servlet request's head as it arrived. Used only by the container's thread, while the
 * filter runs.
 */
final class ServletHead implements RequestHead {
  private static final char REPLACEMENT = '\ufffd';

  private final HttpServletRequest request;

  /** The result of {@link #rawPath}, which a policy calls several times. */
  private @Nullable String path;

  ServletHead(HttpServletRequest request) {
    this.request = request;
  }

  @Override
  public String method() {
    return request.getMethod();
  }

  @Override
  public String rawPath() {
    String known = path;
    if (known == null) {
      known = readPath();
      path = known;
    }
    return known;
  }

  private String readPath() {
    String uri = request.getRequestURI();
    int context = ContextPath.lengthIn(uri, request.getContextPath());
    if (context == 0) {
      return asSent(uri);
    }
    return context == uri.length() ? "/" : asSent(uri.substring(context));
  }

  @Override
  public String contextPath() {
    String uri = request.getRequestURI();
    int context = ContextPath.lengthIn(uri, request.getContextPath());
    return context == 0 ? "" : asSent(uri.substring(0, context));
  }

  @Override
  public @Nullable String rawQuery() {
    String query = request.getQueryString();
    return query == null ? null : asSent(query);
  }

  /**
   * Containers that accept non-ASCII bytes in a request line decode them as UTF-8; the mirror needs
   * one character per byte. Bytes that were not UTF-8 have been replaced at this point: the text is
   * returned as it is, and the mirror rejects it.
   */
  private static String asSent(String raw) {
    if (isAscii(raw) || raw.indexOf(REPLACEMENT) >= 0) {
      return raw;
    }
    return new String(raw.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  private static boolean isAscii(String raw) {
    for (int i = 0; i < raw.length(); i++) {
      if (raw.charAt(i) > 0x7f) {
        return false;
      }
    }
    return true;
  }

  @Override
  public @Nullable String header(String name) {
    return request.getHeader(name);
  }

  @Override
  public long contentLength() {
    return request.getContentLengthLong();
  }

  @Override
  public Headers headers() {
    Headers.Builder headers = Headers.builder(12);
    for (Enumeration<String> names = request.getHeaderNames(); names.hasMoreElements(); ) {
      String name = names.nextElement();
      for (Enumeration<String> values = request.getHeaders(name); values.hasMoreElements(); ) {
        headers.add(name, values.nextElement());
      }
    }
    return headers.build();
  }

  /** Omits what the container's text may contain: query and header values. */
  @Override
  public String toString() {
    return method() + ' ' + request.getRequestURI();
  }
}
