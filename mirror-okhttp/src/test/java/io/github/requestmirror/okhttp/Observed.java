package io.github.requestmirror.okhttp;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;

/**
 * All that a caller sees of a call.
 *
 * @param response the response's status line, headers and body, or the exception
 * @param events what OkHttp did
 * @param writes how often the body was written
 * @param ownRequest whether the response names the caller's own request
 * @param request what request the response names
 */
record Observed(
    String response, List<String> events, int writes, boolean ownRequest, String request) {

  /** Makes a call and closes the response. */
  static Observed of(OkHttpClient client, Request request) {
    Events events = new Events();
    Counted counted = request.body() == null ? null : new Counted(request.body());
    Request own =
        counted == null ? request : request.newBuilder().method(request.method(), counted).build();
    OkHttpClient observed = client.newBuilder().eventListener(events).build();
    String seen;
    String responded = "";
    boolean ownRequest = false;
    try (Response response = observed.newCall(own).execute()) {
      ownRequest = response.request() == own;
      responded =
          response.request()
              + (response.request().body() == counted ? " own body" : " other body")
              + response.request().headers();
      byte[] body = response.body().bytes();
      seen =
          response
              + "\n"
              + response.headers()
              + "\n"
              + body.length
              + " bytes, hash "
              + Arrays.hashCode(body);
    } catch (Throwable t) {
      seen = describe(t);
    }
    return new Observed(
        withoutPorts(seen),
        List.copyOf(events.names()),
        counted == null ? 0 : counted.writes.get(),
        ownRequest,
        withoutPorts(responded));
  }

  /** Class, message, cause and suppressed exceptions. */
  static String describe(@Nullable Throwable t) {
    if (t == null) {
      return "none";
    }
    if (t instanceof SocketTimeoutException) {
      // The socket and OkHttp's watchdog may both time out, with different messages.
      return "java.net.SocketTimeoutException: timeout";
    }
    List<String> suppressed = new ArrayList<>();
    for (Throwable s : t.getSuppressed()) {
      suppressed.add(describe(s));
    }
    return t.getClass().getName()
        + ": "
        + t.getMessage()
        + "\ncause "
        + describe(t.getCause())
        + "\nsuppressed "
        + suppressed;
  }

  /** Ports and identity hash codes differ between the calls. */
  private static String withoutPorts(String text) {
    return text.replaceAll("127\\.0\\.0\\.1([^\\d]?):\\d+", "127.0.0.1$1:PORT")
        .replaceAll("localhost:\\d+", "localhost:PORT")
        .replaceAll("@[0-9a-f]+", "@ID");
  }

  /** Counts how often a body is written. */
  private static final class Counted extends RequestBody {
    final AtomicInteger writes = new AtomicInteger();
    private final RequestBody body;

    Counted(RequestBody body) {
      this.body = body;
    }

    @Override
    public @Nullable MediaType contentType() {
      return body.contentType();
    }

    @Override
    public long contentLength() throws IOException {
      return body.contentLength();
    }

    @Override
    public boolean isOneShot() {
      return body.isOneShot();
    }

    @Override
    public boolean isDuplex() {
      return body.isDuplex();
    }

    @Override
    public void writeTo(BufferedSink sink) throws IOException {
      writes.incrementAndGet();
      body.writeTo(sink);
    }
  }
}
