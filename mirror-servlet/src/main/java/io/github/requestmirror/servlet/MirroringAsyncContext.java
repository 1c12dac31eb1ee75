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
 * Wraps the async context, which would otherwise bypass the mirror in three places: after {@code
 * startAsync()} without arguments it returns the container's own request and response, the events
 * of its listeners contain them too, and {@code complete()} may be the only call that sends a
 * response.
 */
final class MirroringAsyncContext implements AsyncContext {
  private final AsyncContext context;
  private final MirroredRequest mirrored;
  private @Nullable HttpServletRequest request;
  private @Nullable HttpServletResponse response;

  MirroringAsyncContext(AsyncContext context, MirroredRequest mirrored) {
    this.context = context;
    this.mirrored = mirrored;
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
      request = mirrored.wrap(httpRequest);
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
      response = mirrored.wrap(httpResponse);
    }
    return response;
  }

  @Override
  public boolean hasOriginalRequestAndResponse() {
    return context.hasOriginalRequestAndResponse();
  }

  @Override
  public void complete() {
    mirrored.responding();
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
    context.addListener(new MirroringAsyncListener(listener, mirrored));
  }

  @Override
  public void addListener(
      AsyncListener listener, ServletRequest request, ServletResponse response) {
    context.addListener(new MirroringAsyncListener(listener, mirrored), request, response);
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
