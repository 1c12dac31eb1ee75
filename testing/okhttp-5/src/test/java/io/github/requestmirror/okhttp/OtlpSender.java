package io.github.requestmirror.okhttp;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.export.Compressor;
import io.opentelemetry.sdk.common.export.HttpResponse;
import io.opentelemetry.sdk.common.export.HttpSender;
import io.opentelemetry.sdk.common.export.HttpSenderConfig;
import io.opentelemetry.sdk.common.export.MessageWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;

/** Sends OTLP messages with a given client. */
final class OtlpSender implements HttpSender {
  private final HttpSenderConfig config;
  private final OkHttpClient client;
  private final AtomicInteger writes;

  OtlpSender(HttpSenderConfig config, OkHttpClient client, AtomicInteger writes) {
    this.config = config;
    this.client = client;
    this.writes = writes;
  }

  @Override
  public void send(
      MessageWriter message, Consumer<HttpResponse> onResponse, Consumer<Throwable> onError) {
    Compressor compressor = config.getCompressor();
    Request.Builder request =
        new Request.Builder()
            .url(HttpUrl.get(config.getEndpoint()))
            .post(new Message(message, compressor));
    if (compressor != null) {
      request.header("Content-Encoding", compressor.getEncoding());
    }
    client
        .newCall(request.build())
        .enqueue(
            new Callback() {
              @Override
              public void onFailure(Call call, IOException e) {
                onError.accept(e);
              }

              @Override
              public void onResponse(Call call, Response response) throws IOException {
                try (response) {
                  onResponse.accept(
                      new Received(response.code(), response.message(), response.body().bytes()));
                }
              }
            });
  }

  @Override
  public CompletableResultCode shutdown() {
    return CompletableResultCode.ofSuccess();
  }

  /** Written on demand, and gone soon after. */
  private final class Message extends RequestBody {
    private final MessageWriter message;
    private final @Nullable Compressor compressor;

    Message(MessageWriter message, @Nullable Compressor compressor) {
      this.message = message;
      this.compressor = compressor;
    }

    @Override
    public MediaType contentType() {
      return MediaType.get(config.getContentType());
    }

    @Override
    public long contentLength() {
      return compressor == null ? message.getContentLength() : -1;
    }

    @Override
    public void writeTo(BufferedSink sink) throws IOException {
      writes.incrementAndGet();
      if (compressor == null) {
        message.writeMessage(sink.outputStream());
      } else {
        try (OutputStream compressed = compressor.compress(sink.outputStream())) {
          message.writeMessage(compressed);
        }
      }
    }
  }

  private static final class Received implements HttpResponse {
    private final int status;
    private final String message;
    private final byte[] body;

    Received(int status, String message, byte[] body) {
      this.status = status;
      this.message = message;
      this.body = body;
    }

    @Override
    public int getStatusCode() {
      return status;
    }

    @Override
    public String getStatusMessage() {
      return message;
    }

    @Override
    public byte[] getResponseBody() {
      return body;
    }
  }
}
