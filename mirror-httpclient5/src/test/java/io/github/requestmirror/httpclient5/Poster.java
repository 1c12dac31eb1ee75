package io.github.requestmirror.httpclient5;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hc.client5.http.async.methods.SimpleHttpRequest;
import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.io.CloseMode;

/** A client of one kind with the mirror, for posting bytes. */
interface Poster extends AutoCloseable {
  /** Posts and returns the status; blocks. Any number of threads may. */
  int post(String uri, byte[] body, String... headers) throws Exception;

  @Override
  void close() throws IOException;

  /** The kinds of clients. */
  enum Client {
    CLASSIC,
    ASYNC;

    Poster start(MirrorExecChainHandler handler) {
      return this == CLASSIC ? new ClassicPoster(handler) : new AsyncPoster(handler);
    }
  }

  private static void addHeaders(HttpRequest request, String... headers) {
    for (int i = 0; i < headers.length; i += 2) {
      request.addHeader(headers[i], headers[i + 1]);
    }
  }

  /** The classic client. */
  final class ClassicPoster implements Poster {
    private final CloseableHttpClient client;

    private ClassicPoster(MirrorExecChainHandler handler) {
      client =
          HttpClients.custom()
              .addExecInterceptorFirst("mirror", handler)
              .setConnectionManager(
                  PoolingHttpClientConnectionManagerBuilder.create()
                      .setMaxConnPerRoute(16)
                      .setMaxConnTotal(16)
                      .build())
              .build();
    }

    @Override
    public int post(String uri, byte[] body, String... headers) throws IOException {
      HttpPost post = new HttpPost(uri);
      addHeaders(post, headers);
      post.setEntity(new ByteArrayEntity(body, null));
      return client.execute(post, response -> response.getCode());
    }

    @Override
    public void close() throws IOException {
      client.close();
    }
  }

  /** The asynchronous client. */
  final class AsyncPoster implements Poster {
    private final CloseableHttpAsyncClient client;

    private AsyncPoster(MirrorExecChainHandler handler) {
      client =
          HttpAsyncClients.custom()
              .addExecInterceptorFirst("mirror", handler)
              .setConnectionManager(
                  PoolingAsyncClientConnectionManagerBuilder.create()
                      .setMaxConnPerRoute(16)
                      .setMaxConnTotal(16)
                      .build())
              .build();
      client.start();
    }

    @Override
    public int post(String uri, byte[] body, String... headers)
        throws InterruptedException, ExecutionException, TimeoutException {
      SimpleHttpRequest post = SimpleHttpRequest.create("POST", URI.create(uri));
      addHeaders(post, headers);
      post.setBody(body, ContentType.APPLICATION_OCTET_STREAM);
      SimpleHttpResponse response = client.execute(post, null).get(60, TimeUnit.SECONDS);
      return response.getCode();
    }

    @Override
    public void close() {
      client.close(CloseMode.IMMEDIATE);
    }
  }
}
