package io.github.requestmirror.httpclient5;

import io.github.requestmirror.client.contract.CallResult;
import io.github.requestmirror.client.contract.ClientContract;
import io.github.requestmirror.client.contract.TestBody;
import io.github.requestmirror.client.contract.TestClient;
import io.github.requestmirror.client.contract.TestRequest;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
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

/** The client contract with the asynchronous client. */
class AsyncContractTest extends ClientContract {
  AsyncContractTest() {
    super(new Factory());
  }

  private static final class Factory implements TestClient.Factory {
    @Override
    public TestClient start(TestClient.Options options) {
      return new Client(options);
    }

    /** An {@link Error} of a body ends the client, and some versions never end the call. */
    @Override
    public boolean supports(TestRequest request) {
      return request.body() == null || !request.body().failsWithError();
    }

    /** A retry runs on another thread, when the failed connection may still be in the pool. */
    @Override
    public boolean repeatsOnPredictableConnections() {
      return false;
    }
  }

  private static final class Client implements TestClient {
    private final PoolingAsyncClientConnectionManager connections;
    private final CloseableHttpAsyncClient client;

    Client(Options options) {
      connections =
          PoolingAsyncClientConnectionManagerBuilder.create()
              .setDefaultConnectionConfig(ClientOptions.connection(options))
              .setTlsStrategy(ClientOptions.tls(options))
              .setMaxConnPerRoute(16)
              .setMaxConnTotal(16)
              .build();
      HttpAsyncClientBuilder builder =
          HttpAsyncClients.custom()
              .setConnectionManager(connections)
              .setDefaultRequestConfig(ClientOptions.config(options))
              .setRetryStrategy(ClientOptions.retries(options))
              .setDefaultCredentialsProvider(ClientOptions.credentials(options));
      if (options.mirror() != null) {
        builder.addExecInterceptorFirst("mirror", new MirrorExecChainHandler(options.mirror()));
      }
      client = builder.build();
      client.start();
    }

    @Override
    public RunningCall start(TestRequest request) {
      BasicHttpRequest own = new BasicHttpRequest(request.method(), URI.create(request.uri()));
      request.forEachHeader(own::addHeader);
      Future<SimpleHttpResponse> response =
          client.execute(
              new BasicRequestProducer(
                  own, request.body() == null ? null : new PiecesProducer(request.body())),
              SimpleResponseConsumer.create(),
              null);
      return new RunningCall() {
        @Override
        public CallResult result() throws Exception {
          try {
            return read(response.get(60, TimeUnit.SECONDS));
          } catch (ExecutionException e) {
            return CallResult.failure(Objects.requireNonNull(e.getCause()), List.of());
          } catch (CancellationException e) {
            return CallResult.failure(e, List.of());
          }
        }

        @Override
        public void cancel() {
          response.cancel(true);
        }
      };
    }

    private static CallResult read(SimpleHttpResponse response) {
      List<String> details = new ArrayList<>();
      details.add(ClientOptions.protocolAndReason(response));
      for (Header header : response.getHeaders()) {
        details.add(header.toString());
      }
      String body = response.getBodyText();
      details.add(CallResult.body(body == null ? "none" : body));
      return new CallResult(Integer.toString(response.getCode()), details);
    }

    /** The client returns the response before it releases the connection. */
    @Override
    public void awaitIdle() {
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(1))
          .until(() -> connections.getTotalStats().getLeased() == 0);
    }

    @Override
    public void close() {
      client.close(CloseMode.IMMEDIATE);
    }
  }

  /** Passes pieces to the connection until it takes no more. */
  private static final class PiecesProducer implements AsyncEntityProducer {
    private final TestBody body;
    private long position;
    private boolean started;

    PiecesProducer(TestBody body) {
      this.body = body;
    }

    @Override
    public void produce(DataStreamChannel channel) throws IOException {
      if (!started) {
        started = true;
        body.startWriting();
      }
      while (true) {
        byte[] piece = body.read(position, TestBody.PIECE);
        if (piece.length == 0) {
          channel.endStream();
          return;
        }
        int written = channel.write(ByteBuffer.wrap(piece));
        position += written;
        if (written == 0) {
          channel.requestOutput();
          return;
        }
      }
    }

    @Override
    public boolean isRepeatable() {
      return body.isRepeatable();
    }

    @Override
    public long getContentLength() {
      return body.declaresLength() ? body.length() : -1;
    }

    @Override
    public @Nullable String getContentType() {
      return body.contentType();
    }

    @Override
    public @Nullable String getContentEncoding() {
      return null;
    }

    @Override
    public boolean isChunked() {
      return body.kind() == TestBody.Kind.CHUNKED;
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
      position = 0;
      started = false;
    }
  }
}
