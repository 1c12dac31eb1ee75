package io.github.requestmirror.okhttp;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.Outcome;
import java.io.IOException;
import java.util.Objects;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Mirrors the calls of an OkHttp client. A body is copied while OkHttp writes it; the interceptor
 * never writes it itself. Responses and exceptions reach the caller unchanged.
 *
 * <p>Add it with {@code addInterceptor}, after all other interceptors, so that it sees their
 * changes to the request. Each call is copied once; OkHttp's retries, redirects and repeated
 * requests after an authentication challenge are not copied again. If it is added with {@code
 * addNetworkInterceptor}, which would run for each of these attempts, every call fails with an
 * {@link IllegalStateException}.
 *
 * <p>The copy has the method, path, query and headers of the request that reaches this interceptor,
 * and the {@code Content-Type} that OkHttp takes from the body. It lacks the headers that OkHttp
 * adds later: the default {@code User-Agent}, {@code Accept-Encoding}, the cookies of a {@code
 * CookieJar} and the {@code Authorization} of an {@code Authenticator}.
 *
 * <p>A body is complete when {@code RequestBody.writeTo} has written all of it to OkHttp. The copy
 * is sent when the call ends, whatever the status, and also after a failure, because the primary
 * may have received the request; {@link
 * io.github.requestmirror.MirrorPolicy.Builder#whenPrimaryResponds} can restrict this by status. No
 * copy is sent, and the call counts as {@link Outcome#BODY_INCOMPLETE}, if
 *
 * <ul>
 *   <li>the last attempt did not write the complete body, because the body threw an exception or
 *       the primary responded early,
 *   <li>the last attempt had no connection to the primary: it was refused or timed out, the name of
 *       the host is unknown, or the TLS handshake failed,
 *   <li>the response came from a {@code Cache}, or
 *   <li>the call was cancelled before its response; OkHttp cancels calls at their {@code
 *       callTimeout}.
 * </ul>
 *
 * <p>Duplex bodies are not copied and count as {@link Outcome#BODY_UNSUPPORTED}.
 *
 * <p>The mirror takes the response as received when it leaves this interceptor: calls that the
 * caller makes afterwards are copied after this one. One interceptor may serve any number of
 * clients and threads.
 */
public final class MirrorInterceptor implements Interceptor {
  private final Mirror mirror;

  /**
   * Creates an interceptor for a running mirror.
   *
   * @param mirror closed by the caller, after the calls of the client have ended
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
    // The caller may cancel the call until the response arrives.
    capture.hold();
    int status = 0;
    boolean unsent = false;
    TeeRequestBody body = null;
    try {
      body = capture(chain, capture);
      Request request = body == null ? own : with(body, own);
      Response response = chain.proceed(request);
      status = response.code();
      unsent = body == null && isFromCache(response);
      return body == null ? response : without(body, own, request, response);
    } catch (IOException e) {
      unsent = ConnectFailure.is(e);
      throw e;
    } finally {
      if (unsent || chain.call().isCanceled() || (body != null && !body.isComplete())) {
        capture.abandon(Outcome.BODY_INCOMPLETE);
      }
      capture.primaryResponded(status);
    }
  }

  /** Returns a body that copies what it writes, or null when there is nothing to copy. */
  private static @Nullable TeeRequestBody capture(Chain chain, Capture capture) {
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
    return new TeeRequestBody(body, capture);
  }

  private static boolean isFromCache(Response response) {
    return response.cacheResponse() != null
        && response.networkResponse() == null
        && response.priorResponse() == null;
  }

  private static Request with(RequestBody body, Request request) {
    return request.newBuilder().method(request.method(), body).build();
  }

  /** Restores the caller's request in the response, or after a redirect the caller's body. */
  private static Response without(
      TeeRequestBody body, Request own, Request sent, Response response) {
    Request last = response.request();
    if (last.body() != body) {
      return response;
    }
    Request request = last == sent ? own : with(body.body(), last);
    return response.newBuilder().request(request).build();
  }
}
