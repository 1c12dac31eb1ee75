package io.github.requestmirror.gateway;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Limits the time that the primary may take: first the wait for a connection, then, when the
 * request has been sent, the wait for the complete response. The time in which the client sends its
 * body is not limited here.
 */
final class PrimaryDeadline
    implements Request.BeginListener,
        Request.SuccessListener,
        Response.SuccessListener,
        Response.CompleteListener {
  /** Time for the client to read a response that arrived before the request was complete. */
  private static final long LINGER_MILLIS = 1000;

  /** The primary completed its response before the request; the rest of the body is discarded. */
  static final class EarlyResponse extends IOException {
    private static final long serialVersionUID = 1L;

    EarlyResponse() {
      super("the primary responded before the request was complete");
    }
  }

  private final HttpClient client;
  private final long millis;
  private Scheduler.@Nullable Task task;
  private boolean sent;
  private boolean ended;

  private PrimaryDeadline(HttpClient client, long millis) {
    this.client = client;
    this.millis = millis;
  }

  static void watch(Request request, HttpClient client, long millis) {
    PrimaryDeadline deadline = new PrimaryDeadline(client, millis);
    request.onRequestBegin(deadline);
    request.onRequestSuccess(deadline);
    request.onResponseSuccess(deadline);
    request.onComplete(deadline);
    deadline.expectResponse(request);
  }

  @Override
  public synchronized void onBegin(Request request) {
    stop();
  }

  @Override
  public synchronized void onSuccess(Request request) {
    sent = true;
    expectResponse(request);
  }

  @Override
  public synchronized void onSuccess(Response response) {
    if (!sent) {
      // The primary does not need the rest of the body, and the client may never send it.
      abortAfter(LINGER_MILLIS, response.getRequest(), new EarlyResponse());
    }
  }

  @Override
  public synchronized void onComplete(Result result) {
    ended = true;
    stop();
  }

  private synchronized void expectResponse(Request request) {
    abortAfter(
        millis, request, new TimeoutException("the primary took longer than " + millis + " ms"));
  }

  private synchronized void abortAfter(long delay, Request request, Exception reason) {
    stop();
    if (!ended) {
      Runnable abort =
          () -> {
            var unused = request.abort(reason);
          };
      task = client.getScheduler().schedule(abort, delay, TimeUnit.MILLISECONDS);
    }
  }

  private synchronized void stop() {
    if (task != null) {
      task.cancel();
      task = null;
    }
  }
}
