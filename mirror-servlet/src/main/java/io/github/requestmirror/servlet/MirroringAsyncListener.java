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
 * An application's listener, which may respond a timeout or an error with what it finds in the
 * event: there too it finds the mirroring context, request and response.
 */
final class MirroringAsyncListener implements AsyncListener {
  private final AsyncListener listener;
  private final MirroredRequest mirroring;

  MirroringAsyncListener(AsyncListener listener, MirroredRequest mirroring) {
    this.listener = Objects.requireNonNull(listener, "listener");
    this.mirroring = mirroring;
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
        context == null ? null : mirroring.wrap(context),
        mirrored(event.getSuppliedRequest()),
        mirrored(event.getSuppliedResponse()),
        event.getThrowable());
  }

  private @Nullable ServletRequest mirrored(@Nullable ServletRequest request) {
    return request instanceof HttpServletRequest original && !mirroring.wraps(original)
        ? mirroring.wrap(original)
        : request;
  }

  private @Nullable ServletResponse mirrored(@Nullable ServletResponse response) {
    return response instanceof HttpServletResponse original && !mirroring.wraps(original)
        ? mirroring.wrap(original)
        : response;
  }
}
