package io.github.requestmirror.httpclient5;

import io.github.requestmirror.client.contract.CallResult;
import io.github.requestmirror.client.contract.ClientContract;
import io.github.requestmirror.client.contract.TestBody;
import io.github.requestmirror.client.contract.TestClient;
import io.github.requestmirror.client.contract.TestRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.entity.GzipCompressingEntity;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.AbstractHttpEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;
import org.apache.hc.core5.io.CloseMode;
import org.jspecify.annotations.Nullable;

/** The client contract with the classic client. */
class ClassicContractTest extends ClientContract {
  ClassicContractTest() {
    super(Client::new);
  }

  private static final class Client implements TestClient {
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CloseableHttpClient client;

    Client(Options options) {
      HttpClientBuilder builder =
          HttpClients.custom()
              .setDefaultRequestConfig(ClientOptions.config(options))
              .setRetryStrategy(ClientOptions.retries(options))
              .setDefaultCredentialsProvider(ClientOptions.credentials(options))
              .setConnectionManager(
                  PoolingHttpClientConnectionManagerBuilder.create()
                      .setDefaultConnectionConfig(ClientOptions.connection(options))
                      .setDefaultSocketConfig(ClientOptions.socket(options))
                      .setTlsSocketStrategy(ClientOptions.tls(options))
                      .setMaxConnPerRoute(16)
                      .setMaxConnTotal(16)
                      .build());
      if (options.mirror() != null) {
        builder.addExecInterceptorFirst("mirror", new MirrorExecChainHandler(options.mirror()));
      }
      client = builder.build();
    }

    @Override
    public RunningCall start(TestRequest request) {
      HttpUriRequestBase own = new HttpUriRequestBase(request.method(), URI.create(request.uri()));
      request.forEachHeader(own::addHeader);
      HttpEntity entity = request.body() == null ? null : entity(request.body());
      own.setEntity(entity);
      Future<CallResult> result = threads.submit(() -> execute(own, entity));
      return new RunningCall() {
        @Override
        public CallResult result() throws Exception {
          return result.get(60, TimeUnit.SECONDS);
        }

        @Override
        public void cancel() {
          own.cancel();
        }
      };
    }

    private CallResult execute(HttpUriRequestBase own, @Nullable HttpEntity entity) {
      List<String> details = new ArrayList<>();
      CallResult result;
      try {
        int status =
            client.execute(
                own,
                response -> {
                  details.add(ClientOptions.protocolAndReason(response));
                  for (Header header : response.getHeaders()) {
                    details.add(header.toString());
                  }
                  HttpEntity received = response.getEntity();
                  details.add(
                      CallResult.body(received == null ? "none" : EntityUtils.toString(received)));
                  return response.getCode();
                });
        result = new CallResult(Integer.toString(status), details);
      } catch (Throwable t) {
        result = CallResult.failure(t, details);
      }
      result.details().add("own entity: " + (own.getEntity() == entity));
      return result;
    }

    @Override
    public void close() {
      client.close(CloseMode.IMMEDIATE);
      threads.shutdownNow();
    }
  }

  private static HttpEntity entity(TestBody body) {
    ContentType type = body.contentType() == null ? null : ContentType.parse(body.contentType());
    HttpEntity entity =
        switch (body.kind()) {
          case DECLARED, CHUNKED -> new PiecesEntity(body, type);
          case COMPRESSED -> new GzipCompressingEntity(new PiecesEntity(body, type));
          case ONE_SHOT -> new InputStreamEntity(body.stream(), type);
          default -> new InputStreamEntity(body.stream(), body.length(), type);
        };
    return new HttpEntityWrapper(entity) {
      @Override
      public void writeTo(OutputStream out) throws IOException {
        body.startWriting();
        super.writeTo(out);
      }
    };
  }

  private static final class PiecesEntity extends AbstractHttpEntity {
    private final TestBody body;

    PiecesEntity(TestBody body, @Nullable ContentType type) {
      super(type, null, !body.declaresLength());
      this.body = body;
    }

    @Override
    public long getContentLength() {
      return body.declaresLength() ? body.length() : -1;
    }

    @Override
    public boolean isRepeatable() {
      return true;
    }

    @Override
    public boolean isStreaming() {
      return false;
    }

    @Override
    public InputStream getContent() {
      return body.stream();
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
      body.writeTo(out);
    }

    @Override
    public void close() {}
  }
}
