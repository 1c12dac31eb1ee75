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
 * The state of one mirrored request, from the filter's first call to the end of the last dispatch.
 * It is kept in a request attribute, because a container may pass the unwrapped request to a
 * dispatch.
 */
final class MirroredRequest implements AsyncListener {
  private final HttpServletRequest request;
  private final HttpServletResponse response;
  private final Capture capture;

  private final AsyncRequests asyncRequests;

  private final MirroredBody body;
  private @Nullable MirroringAsyncContext async;

  /**
   * @param asyncRequests contains this request from the end of its first dispatch, if it is
   *     asynchronous, to its end
   */
  MirroredRequest(
      HttpServletRequest request,
      HttpServletResponse response,
      Capture capture,
      AsyncRequests asyncRequests) {
    this.request = request;
    this.response = response;
    this.capture = capture;
    this.asyncRequests = asyncRequests;
    this.body = new MirroredBody(request, capture);
  }

  MirroredBody body() {
    return body;
  }

  boolean wraps(ServletRequest request) {
    ServletRequest inner = request;
    while (inner instanceof ServletRequestWrapper wrapper) {
      if (wrapper instanceof MirroringRequestWrapper mirrored && mirrored.isOf(this)) {
        return true;
      }
      inner = wrapper.getRequest();
    }
    return false;
  }

  boolean wraps(ServletResponse response) {
    ServletResponse inner = response;
    while (inner instanceof ServletResponseWrapper wrapper) {
      if (wrapper instanceof MirroringResponseWrapper mirrored && mirrored.isOf(this)) {
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

  /** Signals that a byte of the response may reach the client from now on. */
  void responding() {
    capture.primaryResponding();
  }

  /** The application closed the connection instead of sending a response. */
  void connectionClosed() {
    end(0);
  }

  /** The first dispatch has returned. An asynchronous request may end while this runs. */
  void chainReturned() {
    try {
      if (request.isAsyncStarted()) {
        asyncRequests.add(this);
        request.getAsyncContext().addListener(this);
        return;
      }
    } catch (IllegalStateException e) {
      // The asynchronous request has ended in the meantime.
    }
    end(status());
  }

  /**
   * A later dispatch has returned. If it did not start async again, the container sends the
   * response now.
   */
  void dispatchReturned() {
    boolean again = false;
    try {
      again = request.isAsyncStarted();
    } catch (IllegalStateException e) {
      // The asynchronous request has ended in the meantime.
    }
    if (!again) {
      responding();
    }
  }

  /**
   * The first dispatch has thrown. The request ends here even if async was started: Tomcat does not
   * call listeners afterwards, and in Jetty adding a listener changes the response.
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

  /** The container stops and may not report the end of the request. */
  void containerStopped() {
    end(0);
  }

  private int status() {
    try {
      return response.getStatus();
    } catch (IllegalStateException e) {
      // The response has been recycled; report the end without a status.
      return 0;
    }
  }

  private void end(int status) {
    asyncRequests.remove(this);
    if (status == HttpServletResponse.SC_SWITCHING_PROTOCOLS) {
      // First, because what the application reads from now on is not the rest of the body.
      capture.primaryResponded(status);
    }
    body.requestEnded();
    capture.primaryResponded(status);
  }
}
