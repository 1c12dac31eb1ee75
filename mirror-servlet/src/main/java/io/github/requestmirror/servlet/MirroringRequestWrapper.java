package io.github.requestmirror.servlet;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.Part;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.Collection;
import java.util.Enumeration;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The request as the application sees it: as it was, but what is read of its body is copied. */
final class MirroringRequestWrapper extends HttpServletRequestWrapper {
  private final MirroredRequest mirroring;

  MirroringRequestWrapper(HttpServletRequest request, MirroredRequest mirroring) {
    super(request);
    this.mirroring = mirroring;
  }

  boolean isOf(MirroredRequest mirroring) {
    return this.mirroring == mirroring;
  }

  private HttpServletRequest original() {
    return (HttpServletRequest) getRequest();
  }

  @Override
  public ServletInputStream getInputStream() throws IOException {
    return mirroring.body().inputStream(original());
  }

  @Override
  public BufferedReader getReader() throws IOException {
    return mirroring.body().reader(original());
  }

  @Override
  public AsyncContext startAsync() {
    return mirroring.wrap(super.startAsync());
  }

  @Override
  public AsyncContext startAsync(ServletRequest request, ServletResponse response) {
    return mirroring.wrap(super.startAsync(request, response));
  }

  @Override
  public AsyncContext getAsyncContext() {
    return mirroring.wrap(super.getAsyncContext());
  }

  @Override
  public @Nullable RequestDispatcher getRequestDispatcher(String path) {
    RequestDispatcher dispatcher = super.getRequestDispatcher(path);
    return dispatcher == null ? null : MirroringDispatcher.of(dispatcher, mirroring);
  }

  // What a container parses itself never comes through the stream. When it fails half way, the rest
  // might: a body without its beginning must not be taken for the body.

  @Override
  public @Nullable String getParameter(String name) {
    return parameters(() -> super.getParameter(name));
  }

  @Override
  public Map<String, String[]> getParameterMap() {
    return parameters(super::getParameterMap);
  }

  @Override
  public Enumeration<String> getParameterNames() {
    return parameters(super::getParameterNames);
  }

  @Override
  public String @Nullable [] getParameterValues(String name) {
    return parameters(() -> super.getParameterValues(name));
  }

  private <T extends @Nullable Object> T parameters(Supplier<T> container) {
    T result;
    try {
      result = container.get();
    } catch (Throwable t) {
      if (!mirroring.body().isTouched() && (isForm() || isMultipart())) {
        mirroring.body().parsedUnseen();
      }
      throw t;
    }
    if (!mirroring.body().isTouched() && mirroring.body().isWanted()) {
      if (isMultipart()) {
        mirroring.body().parsedUnseen();
      } else if (isForm()) {
        mirroring.body().formParsedByContainer();
      }
    }
    return result;
  }

  @Override
  public Part getPart(String name) throws IOException, ServletException {
    try {
      return super.getPart(name);
    } finally {
      partsTaken();
    }
  }

  @Override
  public Collection<Part> getParts() throws IOException, ServletException {
    try {
      return super.getParts();
    } finally {
      partsTaken();
    }
  }

  private void partsTaken() {
    if (isMultipart()) {
      mirroring.body().parsedUnseen();
    }
  }

  private boolean isForm() {
    return hasType("application/x-www-form-urlencoded");
  }

  private boolean isMultipart() {
    return hasType("multipart/");
  }

  private boolean hasType(String type) {
    String actual = getContentType();
    return actual != null && actual.regionMatches(true, 0, type, 0, type.length());
  }
}
