package io.github.requestmirror.internal.send;

import io.github.requestmirror.Headers;
import io.github.requestmirror.Outcome;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.Future;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.RequestNotExecutedException;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.reactor.IOReactorShutdownException;
import org.jspecify.annotations.Nullable;

/**
 * One copy's exchange, and what its end means. Where the target had closed an idle connection and
 * that was noticed only now, nothing was sent, and another connection is tried.
 */
final class HttpExchange implements Sender.Exchange, FutureCallback<DiscardingResponseConsumer> {
  private static final int MAX_ATTEMPTS = 3;

  private final CloseableHttpAsyncClient client;
  private final LiveExchanges live;
  private final HttpHost host;
  private final OutboundRequest request;
  private final long maxResponseBytes;
  private final Sender.Callback callback;
  private int attempts;
  private boolean cancelled;
  private boolean ended;
  private @Nullable Future<?> future;
  private volatile @Nullable DiscardingResponseConsumer response;
  private volatile @Nullable HttpClientContext context;

  HttpExchange(
      CloseableHttpAsyncClient client,
      LiveExchanges live,
      HttpHost host,
      OutboundRequest request,
      long maxResponseBytes,
      Sender.Callback callback) {
    this.client = client;
    this.live = live;
    this.host = host;
    this.request = request;
    this.maxResponseBytes = maxResponseBytes;
    this.callback = callback;
  }

  void start() {
    live.add(this);
    try {
      attempt();
    } catch (Throwable t) {
      live.remove(this);
      throw t;
    }
  }

  private void attempt() {
    int own = next();
    CopyRequestProducer producer = new CopyRequestProducer(head(), request.body());
    DiscardingResponseConsumer consumer =
        new DiscardingResponseConsumer(maxResponseBytes, producer::isSent);
    HttpClientContext present = HttpClientContext.create();
    consumer.attachTo(present);
    response = consumer;
    context = present;
    Future<?> started = client.execute(host, producer, consumer, null, present, this);
    if (!keep(own, started)) {
      started.cancel(true);
    }
  }

  private BasicHttpRequest head() {
    BasicHttpRequest head = new BasicHttpRequest(request.method(), host, request.path());
    Headers headers = request.headers();
    for (int i = 0; i < headers.size(); i++) {
      head.addHeader(headers.name(i), headers.value(i));
    }
    return head;
  }

  private synchronized int next() {
    return ++attempts;
  }

  /** Returns false when the exchange was cancelled meanwhile. */
  private synchronized boolean keep(int own, Future<?> started) {
    if (own == attempts) {
      // Otherwise it has failed already and the next one is under way.
      future = started;
    }
    return !cancelled;
  }

  @Override
  public void cancel() {
    Future<?> present;
    synchronized (this) {
      cancelled = true;
      present = future;
    }
    live.remove(this);
    if (present != null) {
      present.cancel(true);
    }
  }

  private synchronized boolean mayTryAgain() {
    return !cancelled && !ended && attempts < MAX_ATTEMPTS;
  }

  @Override
  public void completed(DiscardingResponseConsumer result) {
    responded(result);
  }

  @Override
  public void failed(Exception cause) {
    DiscardingResponseConsumer heard = response;
    if (heard != null && heard.status() != 0) {
      // The target has spoken; how its response's body ended is of no interest.
      responded(heard);
      return;
    }
    HttpClientContext last = context;
    boolean connected = last != null && last.getEndpointDetails() != null;
    if (!connected && cause instanceof RequestNotExecutedException && mayTryAgain()) {
      attempt();
      return;
    }
    end(Sender.Result.withoutResponse(outcomeOf(cause, connected), cause));
  }

  @Override
  public void cancelled() {
    end(Sender.Result.withoutResponse(Outcome.ABORTED, null));
  }

  /** Only the first end counts: when the I/O thread has ended, the client may report another. */
  private void end(Sender.Result result) {
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
    }
    live.remove(this);
    callback.ended(result);
  }

  private void responded(DiscardingResponseConsumer response) {
    int status = response.status();
    end(
        new Sender.Result(
            outcomeOf(status), status, detail(status, response.excerpt()), response.retryAfter()));
  }

  private static @Nullable String detail(int status, @Nullable String excerpt) {
    if (status < 300) {
      return null;
    }
    return excerpt == null ? "status " + status : "status " + status + ": " + excerpt;
  }

  static Outcome outcomeOf(int status) {
    if (status >= 200 && status < 300) {
      return Outcome.ACCEPTED;
    }
    if (status == 429) {
      return Outcome.THROTTLED;
    }
    return status >= 500 ? Outcome.UNAVAILABLE : Outcome.REJECTED;
  }

  /**
   * @param connected whether the request had got to a connection, its TLS handshake included
   */
  static Outcome outcomeOf(Exception cause, boolean connected) {
    if (cause instanceof ConnectionRequestTimeoutException) {
      return Outcome.TIMEOUT;
    }
    if (cause instanceof RequestNotExecutedException) {
      return Outcome.IO_ERROR;
    }
    if (cause instanceof IOReactorShutdownException) {
      return Outcome.CONNECT_FAILED;
    }
    if (!connected && cause instanceof IOException) {
      return Outcome.CONNECT_FAILED;
    }
    if (cause instanceof InterruptedIOException) {
      return Outcome.TIMEOUT;
    }
    // What the target sent was not HTTP: as good as a broken connection.
    boolean broken = cause instanceof IOException || cause instanceof HttpException;
    return broken ? Outcome.IO_ERROR : Outcome.INTERNAL_ERROR;
  }
}
