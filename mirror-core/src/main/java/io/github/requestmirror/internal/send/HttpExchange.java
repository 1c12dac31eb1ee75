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
 * The exchange of one copy; maps its end to an outcome. If an idle connection turns out to be
 * closed by the target before anything was sent, the exchange tries another connection.
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
  private volatile @Nullable DiscardingResponseConsumer currentConsumer;
  private volatile @Nullable HttpClientContext currentContext;

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
    int attempt = next();
    CopyRequestProducer producer = new CopyRequestProducer(head(), request.body());
    DiscardingResponseConsumer consumer =
        new DiscardingResponseConsumer(maxResponseBytes, producer::isSent);
    HttpClientContext context = HttpClientContext.create();
    consumer.attachTo(context);
    currentConsumer = consumer;
    currentContext = context;
    Future<?> started = client.execute(host, producer, consumer, null, context, this);
    if (!keep(attempt, started)) {
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

  /** Stores the future for {@link #cancel}; returns false if the exchange is cancelled already. */
  private synchronized boolean keep(int attempt, Future<?> started) {
    if (attempt == attempts) {
      // If not, this attempt has already failed and the next one has started.
      future = started;
    }
    return !cancelled;
  }

  @Override
  public void cancel() {
    Future<?> started;
    synchronized (this) {
      cancelled = true;
      started = future;
    }
    live.remove(this);
    if (started != null) {
      started.cancel(true);
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
    DiscardingResponseConsumer consumer = currentConsumer;
    if (consumer != null && consumer.status() != 0) {
      // The status decides the outcome, even if the body of the response is incomplete.
      responded(consumer);
      return;
    }
    HttpClientContext context = currentContext;
    boolean connected = context != null && context.getEndpointDetails() != null;
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

  /** Only the first call has an effect: the client may report an end after the thread's end. */
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
   * @param connected whether the request had been assigned an established connection, with TLS
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
    // An HttpException means that the target did not send valid HTTP.
    boolean broken = cause instanceof IOException || cause instanceof HttpException;
    return broken ? Outcome.IO_ERROR : Outcome.INTERNAL_ERROR;
  }
}
