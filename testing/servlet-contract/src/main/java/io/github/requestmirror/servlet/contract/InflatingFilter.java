package io.github.requestmirror.servlet.contract;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** Decompresses bodies, and hides the headers that no longer match. */
final class InflatingFilter implements Filter {
  private final Executor listeners;

  InflatingFilter(Executor listeners) {
    this.listeners = listeners;
  }

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    HttpServletRequest original = (HttpServletRequest) request;
    if ("gzip".equals(original.getHeader("Content-Encoding"))) {
      chain.doFilter(new Inflated(original, listeners), response);
    } else {
      chain.doFilter(request, response);
    }
  }

  /** A request with another body, of unknown length. */
  private static final class Inflated extends HttpServletRequestWrapper {
    private final Executor listeners;
    private @Nullable ServletInputStream stream;
    private @Nullable BufferedReader reader;

    Inflated(HttpServletRequest request, Executor listeners) {
      super(request);
      this.listeners = listeners;
    }

    @Override
    public ServletInputStream getInputStream() throws IOException {
      ServletInputStream present = stream;
      if (present == null) {
        present = new FilterStream(new GZIPInputStream(super.getInputStream()), listeners);
        stream = present;
      }
      return present;
    }

    @Override
    public BufferedReader getReader() throws IOException {
      BufferedReader present = reader;
      if (present == null) {
        present =
            new BufferedReader(
                new InputStreamReader(getInputStream(), StandardCharsets.ISO_8859_1));
        reader = present;
      }
      return present;
    }

    @Override
    public String getCharacterEncoding() {
      String declared = super.getCharacterEncoding();
      return declared == null ? "ISO-8859-1" : declared;
    }

    @Override
    public int getContentLength() {
      return -1;
    }

    @Override
    public long getContentLengthLong() {
      return -1;
    }

    private static boolean isHidden(String name) {
      return name.equalsIgnoreCase("Content-Encoding") || name.equalsIgnoreCase("Content-Length");
    }

    @Override
    public @Nullable String getHeader(String name) {
      return isHidden(name) ? null : super.getHeader(name);
    }

    @Override
    public Enumeration<String> getHeaders(String name) {
      return isHidden(name) ? Collections.emptyEnumeration() : super.getHeaders(name);
    }

    @Override
    public Enumeration<String> getHeaderNames() {
      List<String> names = Collections.list(super.getHeaderNames());
      names.removeIf(Inflated::isHidden);
      return Collections.enumeration(names);
    }
  }
}
