package io.github.requestmirror.httpclient5;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Mirror;
import java.io.IOException;
import java.util.Objects;
import org.apache.hc.client5.http.async.AsyncExecCallback;
import org.apache.hc.client5.http.async.AsyncExecChain;
import org.apache.hc.client5.http.async.AsyncExecChainHandler;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.nio.AsyncEntityProducer;
import org.jspecify.annotations.Nullable;

/**
 * Mirrors the calls of an HttpClient, classic or asynchronous. Neither the caller nor the server
 * can tell: bodies are copied as the client writes them, never ahead and never a second time;
 * responses and exceptions are not touched.
 *
 * <p>Make it the first handler, so that one call is one copy whatever redirects, challenges and
 * retries it takes:
 *
 * <pre>{@code
 * MirrorExecChainHandler handler = new MirrorExecChainHandler(mirror);
 * HttpClients.custom().addExecInterceptorFirst("mirror", handler).build();
 * HttpAsyncClients.custom().addExecInterceptorFirst("mirror", handler).build();
 * }</pre>
 *
 * <p>The copy has the method, path, query and headers that the caller gave the request, and what
 * the entity adds to them ({@code Content-Type}, {@code Content-Encoding}). Headers that the client
 * adds below are not there yet: default headers, request interceptors, {@code User-Agent}, cookies,
 * authentication. A policy can set them.
 *
 * <p>A copy goes out when the response begins, before the caller sees it. So does the copy of a
 * call that fails after its body was written to the end, as by a timeout: the server may have
 * applied it. Calls that are cancelled, that fail before, or that are responded with an error
 * before their body is complete count as {@link io.github.requestmirror.Outcome#BODY_INCOMPLETE}.
 *
 * <p>Any number of clients and threads may share one handler. It keeps nothing between calls.
 */
public final class MirrorExecChainHandler implements ExecChainHandler, AsyncExecChainHandler {
  private final Mirror mirror;

  /**
   * Makes a handler for a running mirror.
   *
   * @param mirror stays the caller's to close, after the clients
   */
  public MirrorExecChainHandler(Mirror mirror) {
    this.mirror = Objects.requireNonNull(mirror, "mirror");
  }

  /**
   * Goes on with a call of the classic client and mirrors it.
   *
   * @param request the request, without what the client adds to it
   * @param scope what belongs to the call
   * @param chain the rest of the handlers
   * @return the response, as it came
   * @throws IOException as the rest of the handlers throws it
   * @throws HttpException as the rest of the handlers throws it
   */
  @Override
  public ClassicHttpResponse execute(
      ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
      throws IOException, HttpException {
    Capture capture = mirror.capture(new ClientHead(request, request.getEntity()));
    return capture == Capture.none()
        ? chain.proceed(request, scope)
        : new ClassicCall(capture, request, scope).proceed(chain);
  }

  /**
   * Goes on with a call of the asynchronous client and mirrors it.
   *
   * @param request the request, without what the client adds to it
   * @param body produces the body; null when there is none
   * @param scope what belongs to the call
   * @param chain the rest of the handlers
   * @param callback hears of the response, as it came
   * @throws IOException as the rest of the handlers throws it
   * @throws HttpException as the rest of the handlers throws it
   */
  @Override
  public void execute(
      HttpRequest request,
      @Nullable AsyncEntityProducer body,
      AsyncExecChain.Scope scope,
      AsyncExecChain chain,
      AsyncExecCallback callback)
      throws HttpException, IOException {
    Capture capture = mirror.capture(new ClientHead(request, body));
    if (capture == Capture.none()) {
      chain.proceed(request, body, scope, callback);
    } else {
      new AsyncCall(capture, body, scope, callback).proceed(request, chain);
    }
  }
}
