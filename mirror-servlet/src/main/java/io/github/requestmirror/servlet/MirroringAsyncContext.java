package io.github.requestmirror.servlet;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

/**
 * The async context as it was, for three things that would pass by the mirror: {@code startAsync()}
 * without arguments hands out the container's own request and response, and so do the events of
 * listeners, and {@code complete()} may be all there is of a response.
 */
final class MirroringAsyncContext implements AsyncContext {
  private final AsyncContext context;
  private final MirroredRequest mirroring;
  private @Nullable HttpServletRequest request;
  private @Nullable HttpServletResponse response;

  MirroringAsyncContext(AsyncContext context, MirroredRequest mirroring) {
    this.context = context;
    this.mirroring = mirroring;
  }

  boolean isOf(AsyncContext context) {
    return this.context == context;
  }

  @Override
  public synchronized ServletRequest getRequest() {
    ServletRequest original = context.getRequest();
    if (!context.hasOriginalRequestAndResponse()
        || !(original instanceof HttpServletRequest httpRequest)) {
      return original;
    }
    if (request == null) {
      request = mirroring.wrap(httpRequest);
    }
    return request;
  }

  @Override
  public synchronized ServletResponse getResponse() {
    ServletResponse original = context.getResponse();
    if (!context.hasOriginalRequestAndResponse()
        || !(original instanceof HttpServletResponse httpResponse)) {
      return original;
    }
    if (response == null) {
      response = mirroring.wrap(httpResponse);
    }
    return response;
  }

  @Override
  public boolean hasOriginalRequestAndResponse() {
    return context.hasOriginalRequestAndResponse();
  }

  @Override
  public void complete() {
    mirroring.responding();
    context.complete();
  }

  @Override
  public void dispatch() {
    context.dispatch();
  }

  @Override
  public void dispatch(String path) {
    context.dispatch(path);
  }

  @Override
  public void dispatch(ServletContext servletContext, String path) {
    context.dispatch(servletContext, path);
  }

  @Override
  public void start(Runnable task) {
    context.start(task);
  }

  @Override
  public void addListener(AsyncListener listener) {
    context.addListener(new MirroringAsyncListener(listener, mirroring));
  }

  @Override
  public void addListener(
      AsyncListener listener, ServletRequest request, ServletResponse response) {
    context.addListener(new MirroringAsyncListener(listener, mirroring), request, response);
  }

  @Override
  public <T extends AsyncListener> T createListener(Class<T> type) throws ServletException {
    return context.createListener(type);
  }

  @Override
  public void setTimeout(long millis) {
    context.setTimeout(millis);
  }

  @Override
  public long getTimeout() {
    return context.getTimeout();
  }
}
