package io.github.requestmirror.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.frames.DataFrame;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.util.Callback;

/** One connection of HTTP/2 without TLS, by prior knowledge, on which the test sends frames. */
final class Http2Client implements AutoCloseable {
  private final HTTP2Client client = new HTTP2Client();
  private final Session session;
  private final int port;

  Http2Client(int port) throws Exception {
    this.port = port;
    client.start();
    session =
        client
            .connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                new Session.Listener() {})
            .get(10, TimeUnit.SECONDS);
  }

  Exchange open(String method, HttpFields headers, boolean end) throws Exception {
    Exchange exchange = new Exchange();
    exchange.opened.complete(
        session
            .newStream(new HeadersFrame(head(method, headers), null, end), exchange)
            .get(10, TimeUnit.SECONDS));
    return exchange;
  }

  private MetaData.Request head(String method, HttpFields headers) {
    HttpURI uri = HttpURI.from("http://127.0.0.1:" + port + "/h2");
    return new MetaData.Request(method, uri, HttpVersion.HTTP_2, headers, -1);
  }

  @Override
  public void close() throws IOException {
    try {
      client.stop();
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  /** A request and its response. */
  static final class Exchange implements Stream.Listener {
    private final CompletableFuture<Stream> opened = new CompletableFuture<>();
    private final CompletableFuture<MetaData.Response> head = new CompletableFuture<>();
    private final CompletableFuture<String> body = new CompletableFuture<>();
    private final CompletableFuture<Integer> reset = new CompletableFuture<>();
    private final StringBuilder text = new StringBuilder();

    Exchange send(String data, boolean end) throws Exception {
      opened
          .join()
          .data(new DataFrame(opened.join().getId(), ByteBuffer.wrap(data.getBytes(UTF_8)), end))
          .get(10, TimeUnit.SECONDS);
      return this;
    }

    void sendTrailers(HttpFields trailers) throws Exception {
      MetaData fields = new MetaData(HttpVersion.HTTP_2, trailers);
      opened
          .join()
          .headers(new HeadersFrame(opened.join().getId(), fields, null, true))
          .get(10, TimeUnit.SECONDS);
    }

    void cancel(int error) throws Exception {
      opened.join().reset(new ResetFrame(opened.join().getId(), error)).get(10, TimeUnit.SECONDS);
    }

    MetaData.Response head() throws Exception {
      return head.get(10, TimeUnit.SECONDS);
    }

    String body() throws Exception {
      return body.get(10, TimeUnit.SECONDS);
    }

    /** Waits for the reset of the stream; returns its code. */
    int reset() throws Exception {
      return reset.get(10, TimeUnit.SECONDS);
    }

    /** Returns whether the response is 400 or a reset. */
    boolean isRefused() throws Exception {
      try {
        return head().getStatus() == 400;
      } catch (ExecutionException e) {
        return reset.isDone() || opened.join().isClosed();
      }
    }

    @Override
    public void onHeaders(Stream from, HeadersFrame frame) {
      if (frame.getMetaData() instanceof MetaData.Response response) {
        head.complete(response);
      }
      if (frame.isEndStream()) {
        body.complete(text.toString());
      } else {
        from.demand();
      }
    }

    @Override
    public void onDataAvailable(Stream from) {
      Stream.Data data = from.readData();
      if (data == null) {
        from.demand();
        return;
      }
      text.append(UTF_8.decode(data.frame().getByteBuffer()));
      boolean end = data.frame().isEndStream();
      data.release();
      if (end) {
        body.complete(text.toString());
      } else {
        from.demand();
      }
    }

    @Override
    public void onReset(Stream from, ResetFrame frame, Callback callback) {
      reset.complete(frame.getError());
      head.completeExceptionally(new IllegalStateException("reset " + frame.getError()));
      body.completeExceptionally(new IllegalStateException("reset " + frame.getError()));
      callback.succeeded();
    }

    @Override
    public void onFailure(
        Stream from, int error, String reason, Throwable failure, Callback callback) {
      reset.completeExceptionally(failure);
      head.completeExceptionally(failure);
      body.completeExceptionally(failure);
      callback.succeeded();
    }
  }
}
