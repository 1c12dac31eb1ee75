package io.github.requestmirror.httpclient5;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.async.methods.SimpleResponseConsumer;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManager;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.http.nio.AsyncEntityProducer;
import org.apache.hc.core5.http.nio.DataStreamChannel;
import org.apache.hc.core5.http.nio.support.BasicRequestProducer;
import org.apache.hc.core5.io.CloseMode;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** The asynchronous client. */
final class AsyncCaller implements Caller {
  private final PoolingAsyncClientConnectionManager connections =
      PoolingAsyncClientConnectionManagerBuilder.create().build();
  private final CloseableHttpAsyncClient client;
  private final AtomicInteger passes = new AtomicInteger();

  AsyncCaller(Call call, @Nullable MirrorExecChainHandler handler) {
    HttpAsyncClientBuilder builder =
        HttpAsyncClients.custom()
            .setConnectionManager(connections)
            .setDefaultRequestConfig(Caller.config(call))
            .setRetryStrategy(Caller.retries(call))
            .setDefaultCredentialsProvider(Caller.credentials(call));
    if (handler != null) {
      builder.addExecInterceptorFirst("mirror", handler);
    }
    client = builder.build();
    client.start();
  }

  @Override
  public Seen make(Call call, Primary primary) throws Exception {
    int port = call.refused ? 1 : primary.port();
    BasicHttpRequest request =
        new BasicHttpRequest(call.method, URI.create("http://127.0.0.1:" + port + call.path));
    for (int i = 0; i < call.headers.size(); i += 2) {
      request.addHeader(call.headers.get(i), call.headers.get(i + 1));
    }
    String result;
    List<String> detail = new ArrayList<>();
    try {
      SimpleHttpResponse response = await(execute(request, body(call)));
      for (Header header : response.getHeaders()) {
        detail.add(header.toString());
      }
      detail.add(response.getBodyText() == null ? "none" : response.getBodyText());
      result = Integer.toString(response.getCode());
    } catch (Throwable t) {
      Throwable cause =
          t instanceof ExecutionException e && e.getCause() != null ? e.getCause() : t;
      result = cause.getClass().getSimpleName();
      detail.addAll(Seen.detail(cause));
    }
    // The response comes before the connection is free.
    Awaitility.await().atMost(PATIENCE).until(() -> connections.getTotalStats().getLeased() == 0);
    try {
      await(execute(new BasicHttpRequest("GET", URI.create(primary.uri("/after"))), null));
    } catch (ExecutionException e) {
      detail.add("afterwards: " + e);
    }
    return new Seen(
        result,
        detail,
        passes.get(),
        Seen.requests(primary.requests()),
        // A retry runs on a thread of its own, and finds its connection still there or not.
        call.retries > 0 ? 0 : primary.connectionsAccepted());
  }

  private Future<SimpleHttpResponse> execute(
      BasicHttpRequest request, @Nullable AsyncEntityProducer body) {
    return client.execute(
        new BasicRequestProducer(request, body), SimpleResponseConsumer.create(), null);
  }

  private static SimpleHttpResponse await(Future<SimpleHttpResponse> response)
      throws InterruptedException, ExecutionException, TimeoutException {
    return response.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private @Nullable AsyncEntityProducer body(Call call) {
    return call.body == null ? null : new Body(call, call.body);
  }

  /** Gives its bytes away in pieces, and only what the connection takes. */
  private final class Body implements AsyncEntityProducer {
    private static final int PIECE = 9_973;

    private final Call call;
    private final byte[] bytes;
    private int at;
    private boolean begun;

    Body(Call call, byte[] bytes) {
      this.call = call;
      this.bytes = bytes;
    }

    @Override
    public void produce(DataStreamChannel channel) throws IOException {
      if (!begun) {
        begun = true;
        passes.incrementAndGet();
      }
      boolean fails = call.kind.name().startsWith("FAILS");
      int end = fails ? bytes.length / 2 : bytes.length;
      int taken = 1;
      while (at < end && taken > 0) {
        taken = channel.write(ByteBuffer.wrap(bytes, at, Math.min(PIECE, end - at)));
        at += taken;
      }
      if (at < end) {
        channel.requestOutput();
      } else if (fails) {
        Failure.raise(call.kind);
      } else {
        channel.endStream();
      }
    }

    @Override
    public boolean isRepeatable() {
      return call.kind == Call.Kind.FIXED || call.kind == Call.Kind.CHUNKED;
    }

    @Override
    public long getContentLength() {
      return switch (call.kind) {
        case CHUNKED, STREAM, GZIP -> -1;
        default -> bytes.length;
      };
    }

    @Override
    public String getContentType() {
      return call.contentType.toString();
    }

    @Override
    public @Nullable String getContentEncoding() {
      return null;
    }

    @Override
    public boolean isChunked() {
      return call.kind == Call.Kind.CHUNKED;
    }

    @Override
    public Set<String> getTrailerNames() {
      return Set.of();
    }

    @Override
    public int available() {
      return Integer.MAX_VALUE;
    }

    @Override
    public void failed(Exception cause) {}

    @Override
    public void releaseResources() {
      at = 0;
      begun = false;
    }
  }

  @Override
  public void close() {
    client.close(CloseMode.IMMEDIATE);
  }
}
