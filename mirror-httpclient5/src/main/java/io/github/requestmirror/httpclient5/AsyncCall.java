package io.github.requestmirror.httpclient5;

import io.github.requestmirror.Mirror;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import org.apache.hc.client5.http.async.AsyncExecCallback;
import org.apache.hc.client5.http.async.AsyncExecChain;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.concurrent.CancellableDependency;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.nio.AsyncDataConsumer;
import org.apache.hc.core5.http.nio.AsyncEntityProducer;
import org.jspecify.annotations.Nullable;

/**
 * One mirrored call of the asynchronous client. It wraps the client's callback, because the client
 * does not reliably notify the producer of the body when the call ends.
 */
final class AsyncCall implements AsyncExecCallback {
  private final AsyncExecChain.Scope scope;
  private final AsyncExecCallback callback;
  private final BodyCopy copy;
  private final @Nullable TeeEntityProducer tee;

  AsyncCall(
      Mirror mirror,
      HttpRequest request,
      @Nullable AsyncEntityProducer body,
      AsyncExecChain.Scope scope,
      AsyncExecCallback callback) {
    this.scope = scope;
    this.callback = callback;
    this.copy =
        new BodyCopy(mirror, new CallHead(scope.clientContext, request, body), body != null);
    this.tee = body == null ? null : new TeeEntityProducer(body, copy);
  }

  void proceed(HttpRequest request, AsyncExecChain chain) throws HttpException, IOException {
    try {
      chain.proceed(request, tee, watchedScope(), this);
    } catch (Throwable t) {
      end(t);
      throw t;
    }
  }

  /**
   * Returns a scope that notices cancellation. The client calls the callback late if the call waits
   * for a retry, and never if hard cancellation is disabled.
   */
  private AsyncExecChain.Scope watchedScope() {
    return new AsyncExecChain.Scope(
        scope.exchangeId,
        scope.route,
        scope.originalRequest,
        new Watch(scope.cancellableDependency),
        scope.clientContext,
        scope.execRuntime,
        scope.scheduler,
        scope.execCount);
  }

  /**
   * Receives the final response, not that of an earlier attempt. An error response ends a body that
   * is not complete; with any other status the client may continue to write the body.
   */
  @Override
  public @Nullable AsyncDataConsumer handleResponse(
      HttpResponse response, @Nullable EntityDetails details) throws HttpException, IOException {
    int status = response.getCode();
    copy.responded(status, status >= HttpStatus.SC_CLIENT_ERROR);
    return callback.handleResponse(response, details);
  }

  @Override
  public void handleInformationResponse(HttpResponse response) throws HttpException, IOException {
    callback.handleInformationResponse(response);
  }

  @Override
  public void completed() {
    end(null);
    callback.completed();
  }

  @Override
  public void failed(Exception cause) {
    end(cause);
    callback.failed(cause);
  }

  private void end(@Nullable Throwable cause) {
    if (cause instanceof CancellationException || scope.cancellableDependency.isCancelled()) {
      copy.cancelled();
    } else {
      copy.withoutResponse();
    }
  }

  private final class Watch implements CancellableDependency {
    private final CancellableDependency call;

    Watch(CancellableDependency call) {
      this.call = call;
    }

    @Override
    public void setDependency(Cancellable step) {
      call.setDependency(
          () -> {
            copy.cancelled();
            return step.cancel();
          });
    }

    @Override
    public boolean isCancelled() {
      return call.isCancelled();
    }

    @Override
    public boolean cancel() {
      return call.cancel();
    }
  }
}
