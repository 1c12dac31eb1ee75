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

/** The request that the application receives. Copies the body while it is read. */
final class MirroringRequestWrapper extends HttpServletRequestWrapper {
  private final MirroredRequest mirrored;

  MirroringRequestWrapper(HttpServletRequest request, MirroredRequest mirrored) {
    super(request);
    this.mirrored = mirrored;
  }

  boolean isOf(MirroredRequest mirrored) {
    return this.mirrored == mirrored;
  }

  private HttpServletRequest original() {
    return (HttpServletRequest) getRequest();
  }

  @Override
  public ServletInputStream getInputStream() throws IOException {
    return mirrored.body().inputStream(original());
  }

  @Override
  public BufferedReader getReader() throws IOException {
    return mirrored.body().reader(original());
  }

  @Override
  public AsyncContext startAsync() {
    return mirrored.wrap(super.startAsync());
  }

  @Override
  public AsyncContext startAsync(ServletRequest request, ServletResponse response) {
    return mirrored.wrap(super.startAsync(request, response));
  }

  @Override
  public AsyncContext getAsyncContext() {
    return mirrored.wrap(super.getAsyncContext());
  }

  @Override
  public @Nullable RequestDispatcher getRequestDispatcher(String path) {
    RequestDispatcher dispatcher = super.getRequestDispatcher(path);
    return dispatcher == null ? null : MirroringRequestDispatcher.of(dispatcher, mirrored);
  }

  // A container that parses a form reads its own stream, not the mirror's. If parsing fails half
  // way, the application may still read the rest, which must not be sent as the complete body.

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
      if (!mirrored.body().isTaken() && (FormBody.isForm(this) || FormBody.isMultipart(this))) {
        mirrored.body().bypassed();
      }
      throw t;
    }
    if (!mirrored.body().isTaken() && mirrored.body().isWanted()) {
      if (FormBody.isMultipart(this)) {
        mirrored.body().bypassed();
      } else if (FormBody.isForm(this)) {
        mirrored.body().formParsedByContainer();
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
    if (FormBody.isMultipart(this)) {
      mirrored.body().bypassed();
    }
  }
}
