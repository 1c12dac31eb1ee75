package io.github.requestmirror.httpclient5;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.entity.GzipCompressingEntity;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;
import org.jspecify.annotations.Nullable;

/** The classic client. */
final class ClassicCaller implements Caller {
  private static final int PIECE = 9_973;

  private final CloseableHttpClient client;
  private final AtomicInteger passes = new AtomicInteger();

  ClassicCaller(Call call, @Nullable MirrorExecChainHandler handler) {
    HttpClientBuilder builder =
        HttpClients.custom()
            .setDefaultRequestConfig(Caller.config(call))
            .setRetryStrategy(Caller.retries(call))
            .setDefaultCredentialsProvider(Caller.credentials(call));
    if (handler != null) {
      builder.addExecInterceptorFirst("mirror", handler);
    }
    client = builder.build();
  }

  @Override
  public Seen make(Call call, Primary primary) throws Exception {
    int port = call.refused ? 1 : primary.port();
    HttpUriRequestBase request =
        new HttpUriRequestBase(call.method, URI.create("http://127.0.0.1:" + port + call.path));
    for (int i = 0; i < call.headers.size(); i += 2) {
      request.addHeader(call.headers.get(i), call.headers.get(i + 1));
    }
    HttpEntity entity = entity(call);
    request.setEntity(entity);
    String result;
    List<String> detail = new ArrayList<>();
    try {
      result =
          client.execute(
              request,
              response -> {
                for (Header header : response.getHeaders()) {
                  detail.add(header.toString());
                }
                HttpEntity received = response.getEntity();
                detail.add(received == null ? "none" : EntityUtils.toString(received));
                return Integer.toString(response.getCode());
              });
    } catch (Throwable t) {
      result = t.getClass().getSimpleName();
      detail.addAll(Seen.detail(t));
    }
    if (request.getEntity() != entity) {
      detail.add("the caller's request has another entity now");
    }
    try {
      client.execute(
          new HttpUriRequestBase("GET", URI.create(primary.uri("/after"))),
          response -> response.getCode());
    } catch (IllegalStateException e) {
      // An error ends the whole client.
      detail.add("afterwards: " + e);
      return new Seen(result, detail, passes.get(), List.of(), 0);
    }
    return new Seen(
        result,
        detail,
        passes.get(),
        Seen.requests(primary.requests()),
        primary.connectionsAccepted());
  }

  private @Nullable HttpEntity entity(Call call) {
    byte[] body = call.body;
    if (body == null) {
      return null;
    }
    HttpEntity entity =
        switch (call.kind) {
          case FIXED -> new ByteArrayEntity(body, call.contentType);
          case CHUNKED -> new ByteArrayEntity(body, call.contentType, true);
          case STREAM -> new InputStreamEntity(new ByteArrayInputStream(body), call.contentType);
          case STREAM_WITH_LENGTH ->
              new InputStreamEntity(new ByteArrayInputStream(body), body.length, call.contentType);
          case GZIP -> new GzipCompressingEntity(new ByteArrayEntity(body, call.contentType));
          case FAILS_WITH_IO_EXCEPTION, FAILS_WITH_RUNTIME_EXCEPTION, FAILS_WITH_ERROR ->
              new InputStreamEntity(failing(call, body), body.length, call.contentType);
        };
    return new HttpEntityWrapper(entity) {
      @Override
      public void writeTo(OutputStream out) throws IOException {
        passes.incrementAndGet();
        if (call.kind == Call.Kind.FIXED || call.kind == Call.Kind.CHUNKED) {
          // In pieces, so that some are written before a connection breaks.
          for (int at = 0; at < body.length; at += PIECE) {
            out.write(body, at, Math.min(PIECE, body.length - at));
          }
        } else {
          super.writeTo(out);
        }
      }
    };
  }

  private static InputStream failing(Call call, byte[] body) {
    return new FilterInputStream(new ByteArrayInputStream(Arrays.copyOf(body, body.length / 2))) {
      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        int count = super.read(bytes, offset, length);
        if (count < 0) {
          Failure.raise(call.kind);
        }
        return count;
      }
    };
  }

  @Override
  public void close() throws IOException {
    client.close();
  }
}
