package io.github.requestmirror.okhttp;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.client.contract.CallResult;
import io.github.requestmirror.client.contract.ClientContract;
import io.github.requestmirror.client.contract.TestBody;
import io.github.requestmirror.client.contract.TestClient;
import io.github.requestmirror.client.contract.TestRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import okio.GzipSink;
import okio.Okio;
import org.jspecify.annotations.Nullable;

/**
 * The client contract with OkHttp. Its events and the request of its responses are compared too.
 */
class OkHttpContractTest extends ClientContract {
  OkHttpContractTest() {
    super(new Factory());
  }

  private static final class Factory implements TestClient.Factory {
    private static final Set<String> WITHOUT_BODY = Set.of("GET", "HEAD");
    private static final Set<String> WITH_BODY = Set.of("POST", "PUT", "PATCH");

    @Override
    public TestClient start(TestClient.Options options) {
      return new Client(options);
    }

    @Override
    public boolean supports(TestRequest request) {
      return !(request.body() == null ? WITH_BODY : WITHOUT_BODY).contains(request.method());
    }

    @Override
    public Outcome outcomeIfTheLastAttemptIsIncomplete() {
      return Outcome.BODY_INCOMPLETE;
    }
  }

  private static final class Client implements TestClient {
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final boolean expectContinue;
    private final OkHttpClient client;

    Client(TestClient.Options options) {
      OkHttpClient.Builder builder =
          new OkHttpClient.Builder()
              .socketFactory(new NoDelaySockets())
              .connectTimeout(options.connectTimeout())
              .readTimeout(options.responseTimeout())
              .retryOnConnectionFailure(false);
      if (options.tls() != null) {
        builder.sslSocketFactory(options.tls().client().getSocketFactory(), options.tls().trust());
      }
      if (options.mirror() != null) {
        builder.addInterceptor(new MirrorInterceptor(options.mirror()));
      }
      builder.addInterceptor(retry(options.retries()));
      if (options.credentials()) {
        builder.authenticator(
            (route, response) ->
                response.request().header("Authorization") != null
                    ? null
                    : response
                        .request()
                        .newBuilder()
                        .header("Authorization", "Basic dXNlcjpwYXNzd29yZA==")
                        .build());
      }
      expectContinue = options.expectContinue();
      client = builder.build();
    }

    private static Interceptor retry(int retries) {
      return chain -> {
        for (int attempt = 0; ; attempt++) {
          try {
            return chain.proceed(chain.request());
          } catch (IOException e) {
            if (attempt == retries) {
              throw e;
            }
          }
        }
      };
    }

    @Override
    public RunningCall start(TestRequest request) {
      TestBody body = request.body();
      Request.Builder builder =
          new Request.Builder()
              .url(request.uri())
              .method(request.method(), body == null ? null : new OkHttpBody(body));
      request.forEachHeader(builder::addHeader);
      if (body != null && body.kind() == TestBody.Kind.COMPRESSED) {
        builder.header("Content-Encoding", "gzip");
      }
      if (expectContinue) {
        builder.header("Expect", "100-continue");
      }
      Request own = builder.build();
      Events events = new Events();
      Call call = client.newBuilder().eventListener(events).build().newCall(own);
      Future<CallResult> result = threads.submit(() -> execute(call, own, events));
      return new RunningCall() {
        @Override
        public CallResult result() throws Exception {
          return result.get(60, TimeUnit.SECONDS);
        }

        @Override
        public void cancel() {
          call.cancel();
        }
      };
    }

    private static CallResult execute(Call call, Request own, Events events) {
      try (Response response = call.execute()) {
        List<String> details = new ArrayList<>();
        details.add(response.protocol() + " " + response.message());
        response
            .headers()
            .forEach(header -> details.add(header.getFirst() + ": " + header.getSecond()));
        details.add(CallResult.body(response.body().string()));
        details.add(response.toString());
        details.add("own request: " + (response.request() == own));
        details.add("own body: " + (response.request().body() == own.body()));
        details.add(response.request().toString());
        details.addAll(events.names());
        return new CallResult(Integer.toString(response.code()), details);
      } catch (Throwable t) {
        return CallResult.failure(t, events.names());
      }
    }

    @Override
    public void close() {
      client.dispatcher().cancelAll();
      client.dispatcher().executorService().shutdownNow();
      client.connectionPool().evictAll();
      threads.shutdownNow();
    }
  }

  private static final class OkHttpBody extends RequestBody {
    private final TestBody body;

    OkHttpBody(TestBody body) {
      this.body = body;
    }

    @Override
    public @Nullable MediaType contentType() {
      String type = body.contentType();
      return type == null ? null : MediaType.get(type);
    }

    @Override
    public long contentLength() {
      return body.declaresLength() ? body.length() : -1;
    }

    @Override
    public boolean isOneShot() {
      return !body.isRepeatable();
    }

    @Override
    public void writeTo(BufferedSink sink) throws IOException {
      body.startWriting();
      switch (body.kind()) {
        case COMPRESSED -> {
          try (BufferedSink gzip = Okio.buffer(new GzipSink(sink))) {
            body.writeTo(gzip.outputStream());
          }
        }
        case ONE_SHOT, ONE_SHOT_DECLARED -> sink.writeAll(Okio.source(body.stream()));
        default -> body.writeTo(sink.outputStream());
      }
    }
  }
}
