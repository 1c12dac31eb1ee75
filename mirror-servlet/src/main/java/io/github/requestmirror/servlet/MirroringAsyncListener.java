package io.github.requestmirror.servlet;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Wraps an application's listener, so that events contain the wrapped context, request and
 * response. The application may use them to respond to a timeout or an error.
 */
final class MirroringAsyncListener implements AsyncListener {
  private final AsyncListener listener;
  private final MirroredRequest mirrored;

  MirroringAsyncListener(AsyncListener listener, MirroredRequest mirrored) {
    this.listener = Objects.requireNonNull(listener, "listener");
    this.mirrored = mirrored;
  }

  @Override
  public void onTimeout(AsyncEvent event) throws IOException {
    listener.onTimeout(mirrored(event));
  }

  @Override
  public void onError(AsyncEvent event) throws IOException {
    listener.onError(mirrored(event));
  }

  @Override
  public void onComplete(AsyncEvent event) throws IOException {
    listener.onComplete(mirrored(event));
  }

  @Override
  public void onStartAsync(AsyncEvent event) throws IOException {
    listener.onStartAsync(mirrored(event));
  }

  private AsyncEvent mirrored(AsyncEvent event) {
    AsyncContext context = event.getAsyncContext();
    return new AsyncEvent(
        context == null ? null : mirrored.wrap(context),
        mirrored(event.getSuppliedRequest()),
        mirrored(event.getSuppliedResponse()),
        event.getThrowable());
  }

  private @Nullable ServletRequest mirrored(@Nullable ServletRequest request) {
    return request instanceof HttpServletRequest original && !mirrored.wraps(original)
        ? mirrored.wrap(original)
        : request;
  }

  private @Nullable ServletResponse mirrored(@Nullable ServletResponse response) {
    return response instanceof HttpServletResponse original && !mirrored.wraps(original)
        ? mirrored.wrap(original)
        : response;
  }
}
