package io.github.requestmirror.httpclient5;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.Outcome;
import java.io.IOException;
import java.util.Objects;
import org.apache.hc.client5.http.async.AsyncExecCallback;
import org.apache.hc.client5.http.async.AsyncExecChain;
import org.apache.hc.client5.http.async.AsyncExecChainHandler;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.nio.AsyncEntityProducer;
import org.jspecify.annotations.Nullable;

/**
 * Mirrors the calls of an HttpClient, classic or asynchronous. A body is copied while the client
 * writes it; the handler never writes it itself. Responses and exceptions reach the caller
 * unchanged.
 *
 * <p>Add it as the first handler, so that each call is copied once, whatever redirects,
 * authentication challenges and retries follow:
 *
 * <pre>{@code
 * MirrorExecChainHandler handler = new MirrorExecChainHandler(mirror);
 * HttpClients.custom().addExecInterceptorFirst("mirror", handler).build();
 * HttpAsyncClients.custom().addExecInterceptorFirst("mirror", handler).build();
 * }</pre>
 *
 * <p>The copy has the method, path and query of the caller's request, and the headers that the
 * client sends: also default headers and those of request interceptors. Policies see them too,
 * because a call is captured when the client starts to write the body, or when a call without a
 * body ends. The functions of a policy then run on the thread that executes the call, or on an I/O
 * thread of the asynchronous client, where they must not wait. Credentials and cookies are subject
 * to the policy.
 *
 * <p>The copy is sent when the response begins, before the caller sees it. It is also sent if the
 * call fails after its complete body was written, for example by a timeout, because the server may
 * have applied it. A call counts as {@link io.github.requestmirror.Outcome#BODY_INCOMPLETE} if it
 * is cancelled, or if it fails or gets an error response before its body is complete.
 *
 * <p>Any number of clients and threads may share one handler. It has no state between calls.
 */
public final class MirrorExecChainHandler implements ExecChainHandler, AsyncExecChainHandler {
  private final Mirror mirror;

  /**
   * Creates a handler for a running mirror.
   *
   * @param mirror closed by the caller, after the clients
   */
  public MirrorExecChainHandler(Mirror mirror) {
    this.mirror = Objects.requireNonNull(mirror, "mirror");
  }

  /**
   * Executes and mirrors a call of the classic client.
   *
   * @param request the caller's request
   * @param scope the scope of the call
   * @param chain the remaining handlers
   * @return the unchanged response
   * @throws IOException if a remaining handler throws it
   * @throws HttpException if a remaining handler throws it
   */
  @Override
  public ClassicHttpResponse execute(
      ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
      throws IOException, HttpException {
    if (skips(request, request.getEntity())) {
      return chain.proceed(request, scope);
    }
    return new ClassicCall(mirror, request, scope).proceed(chain);
  }

  /**
   * Executes and mirrors a call of the asynchronous client.
   *
   * @param request the caller's request
   * @param body produces the body; null if there is none
   * @param scope the scope of the call
   * @param chain the remaining handlers
   * @param callback receives the unchanged response
   * @throws IOException if a remaining handler throws it
   * @throws HttpException if a remaining handler throws it
   */
  @Override
  public void execute(
      HttpRequest request,
      @Nullable AsyncEntityProducer body,
      AsyncExecChain.Scope scope,
      AsyncExecChain chain,
      AsyncExecCallback callback)
      throws HttpException, IOException {
    if (skips(request, body)) {
      chain.proceed(request, body, scope, callback);
    } else {
      new AsyncCall(mirror, request, body, scope, callback).proceed(request, chain);
    }
  }

  /** Counts a call that is not mirrored because the mirror is off, and returns whether it is. */
  private boolean skips(HttpRequest request, @Nullable EntityDetails body) {
    if (mirror.enabled()) {
      return false;
    }
    Capture capture =
        LateCapture.open(mirror, () -> new ClientHead(request, body), System.nanoTime());
    // The mirror may have been switched on just now.
    capture.abandon(Outcome.DISABLED);
    capture.primaryResponded(0);
    return true;
  }
}
