package io.github.requestmirror.servlet;

import io.github.requestmirror.Capture;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.ServletResponseWrapper;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

/**
 * The mirroring of one request, from the filter's first sight of it to the end of its last
 * dispatch. Stands in a request attribute meanwhile, because a container may hand the application
 * the unwrapped request again.
 */
final class MirroredRequest implements AsyncListener {
  private final HttpServletRequest request;
  private final HttpServletResponse response;
  private final Capture capture;

  /** Requests that go on after their first dispatch. */
  private final AsyncRequests underway;

  private final MirroredBody body;
  private @Nullable MirroringAsyncContext async;

  /**
   * @param underway has this while only the container knows when the request ends
   */
  MirroredRequest(
      HttpServletRequest request,
      HttpServletResponse response,
      Capture capture,
      AsyncRequests underway) {
    this.request = request;
    this.response = response;
    this.capture = capture;
    this.underway = underway;
    this.body = new MirroredBody(request, capture);
  }

  MirroredBody body() {
    return body;
  }

  boolean wraps(ServletRequest request) {
    ServletRequest inner = request;
    while (inner instanceof ServletRequestWrapper wrapper) {
      if (wrapper instanceof MirroringRequestWrapper mirroring && mirroring.isOf(this)) {
        return true;
      }
      inner = wrapper.getRequest();
    }
    return false;
  }

  boolean wraps(ServletResponse response) {
    ServletResponse inner = response;
    while (inner instanceof ServletResponseWrapper wrapper) {
      if (wrapper instanceof MirroringResponseWrapper mirroring && mirroring.isOf(this)) {
        return true;
      }
      inner = wrapper.getResponse();
    }
    return false;
  }

  HttpServletRequest wrap(HttpServletRequest request) {
    return new MirroringRequestWrapper(request, this);
  }

  HttpServletResponse wrap(HttpServletResponse response) {
    return new MirroringResponseWrapper(response, this);
  }

  /** Returns the same context every time, as containers do. */
  synchronized AsyncContext wrap(AsyncContext context) {
    MirroringAsyncContext wrapped = async;
    if (wrapped == null || !wrapped.isOf(context)) {
      wrapped = new MirroringAsyncContext(context, this);
      async = wrapped;
    }
    return wrapped;
  }

  /** From now on a byte of the response may reach the client. */
  void responding() {
    capture.primaryResponding();
  }

  /** The connection was closed instead of a response. */
  void cutOff() {
    end(0);
  }

  /** The first dispatch is over. With async the request goes on, perhaps even while this runs. */
  void chainReturned() {
    try {
      if (request.isAsyncStarted()) {
        underway.add(this);
        request.getAsyncContext().addListener(this);
        return;
      }
    } catch (IllegalStateException e) {
      // Async has ended in the meantime, so this is the end.
    }
    end(status());
  }

  /**
   * A further dispatch is over. Without async again the container responds now, whatever there is.
   */
  void dispatchReturned() {
    boolean again = false;
    try {
      again = request.isAsyncStarted();
    } catch (IllegalStateException e) {
      // Async has ended in the meantime.
    }
    if (!again) {
      responding();
    }
  }

  /**
   * The first dispatch failed. That is the end even if async was started before: Tomcat tells
   * nobody what comes then, and Jetty does something else for requests that have a listener.
   */
  void chainFailed() {
    end(HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
  }

  @Override
  public void onStartAsync(AsyncEvent event) {
    event.getAsyncContext().addListener(this);
  }

  @Override
  public void onTimeout(AsyncEvent event) {
    responding();
  }

  /** Not every container calls {@link #onComplete} after this. */
  @Override
  public void onError(AsyncEvent event) {
    end(HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
  }

  @Override
  public void onComplete(AsyncEvent event) {
    end(status());
  }

  /** The container stops, and will not say what became of the request. */
  void containerStopped() {
    end(0);
  }

  private int status() {
    try {
      return response.getStatus();
    } catch (IllegalStateException e) {
      // Recycled: nobody knows any more, and the end must be told all the same.
      return 0;
    }
  }

  private void end(int status) {
    underway.remove(this);
    body.requestEnded();
    capture.primaryResponded(status);
  }
}
