package io.github.requestmirror.okhttp;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.Outcome;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.Objects;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Mirrors the calls of an OkHttp client. The caller and the server can't tell: a body is copied as
 * OkHttp writes it, never before, never once more; responses and exceptions are not touched.
 *
 * <p>Add it with {@code addInterceptor}, after all others: it sees what those made of the request.
 * One call is one copy, however often OkHttp sends it below: retries, redirects and the responses
 * to authentication challenges are not copied again. Added with {@code addNetworkInterceptor}, it
 * would see each of them as a request of its own, and every call fails with an {@link
 * IllegalStateException}.
 *
 * <p>The copy has the method, path, query and headers of the request that reaches this interceptor,
 * and the {@code Content-Type} that OkHttp takes from the body. It has nothing of what OkHttp adds
 * below: no default {@code User-Agent}, no {@code Accept-Encoding}, no cookies of a {@code
 * CookieJar}, no {@code Authorization} of an {@code Authenticator}.
 *
 * <p>A body is whole when {@code RequestBody.writeTo} has given all of it to OkHttp; the copy then
 * waits for the end of the call and goes out, whatever the status, and after a failure too, because
 * the primary may have what it was sent. {@link
 * io.github.requestmirror.MirrorPolicy.Builder#whenPrimaryResponds} asks for more. There is no
 * copy, and {@link Outcome#BODY_INCOMPLETE} counts, where the last attempt did not write the whole
 * body (its body threw, or the primary responded before the end), where no connection came about or
 * none was needed because a {@code Cache} responded, and where the call was cancelled before it was
 * responded; OkHttp cancels calls itself at their {@code callTimeout}. Duplex bodies are not
 * copied: {@link Outcome#BODY_UNSUPPORTED}.
 *
 * <p>A response counts as given when it leaves this interceptor: calls that are made because of it
 * are copied after this one. One interceptor may serve any number of clients and threads.
 */
public final class MirrorInterceptor implements Interceptor {
  private final Mirror mirror;

  /**
   * Makes an interceptor for a running mirror.
   *
   * @param mirror stays the caller's to close, after the calls of the client have ended
   */
  public MirrorInterceptor(Mirror mirror) {
    this.mirror = Objects.requireNonNull(mirror, "mirror");
  }

  @Override
  public Response intercept(Chain chain) throws IOException {
    if (chain.connection() != null) {
      throw new IllegalStateException(
          "MirrorInterceptor must be added with addInterceptor, not with addNetworkInterceptor");
    }
    Request own = chain.request();
    Capture capture = mirror.capture(new OkHttpHead(own));
    // The caller may cancel until the response is there.
    capture.hold();
    int status = 0;
    boolean unsent = false;
    MirroredBody body = null;
    try {
      body = capture(chain, capture);
      Request request = body == null ? own : with(body, own);
      Response response = chain.proceed(request);
      status = response.code();
      unsent = body == null && isFromCache(response);
      return body == null ? response : without(body, own, request, response);
    } catch (ConnectException | UnknownHostException e) {
      unsent = true;
      throw e;
    } finally {
      if (unsent || chain.call().isCanceled() || (body != null && !body.isWhole())) {
        capture.abandon(Outcome.BODY_INCOMPLETE);
      }
      capture.primaryResponded(status);
    }
  }

  /** Returns a body that is captured as it is written, or null when there is nothing to capture. */
  private static @Nullable MirroredBody capture(Chain chain, Capture capture) {
    RequestBody body = chain.request().body();
    if (!capture.active()) {
      return null;
    }
    if (body == null) {
      capture.complete();
      return null;
    }
    if (body.isDuplex()) {
      capture.abandon(Outcome.BODY_UNSUPPORTED);
      return null;
    }
    return new MirroredBody(body, capture);
  }

  private static boolean isFromCache(Response response) {
    return response.cacheResponse() != null
        && response.networkResponse() == null
        && response.priorResponse() == null;
  }

  private static Request with(RequestBody body, Request request) {
    return request.newBuilder().method(request.method(), body).build();
  }

  /**
   * The request in the response is the caller's own again, or after a redirect has its own body.
   */
  private static Response without(MirroredBody body, Request own, Request sent, Response response) {
    Request responded = response.request();
    if (responded.body() != body) {
      return response;
    }
    Request request = responded == sent ? own : with(body.body(), responded);
    return response.newBuilder().request(request).build();
  }
}
