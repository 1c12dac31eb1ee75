package io.github.requestmirror.gateway;

import jakarta.servlet.ReadListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.client.AsyncRequestContent;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.ee10.proxy.AsyncProxyServlet;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.ee10.servlet.ServletContextResponse;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forwards every request to the primary and its response to the client, both unchanged: method, raw
 * path and query, headers in order with their repeats, body bytes; status, headers, body.
 *
 * <p>Exceptions: hop-by-hop headers are not forwarded (RFC 9110 7.6.1); the gateway itself responds
 * to {@code Expect}; the client's address is appended to {@code X-Forwarded-For}; interim responses
 * are dropped; {@link Intermediary} has changed the request. {@code Host} is the client's unless an
 * option sets it. {@code Via} and {@code Forwarded} are not added. {@link RequestFraming} delimits
 * the forwarded body; trailers are discarded, as RFC 9112 7.1.2 allows.
 */
final class PrimaryProxy extends AsyncProxyServlet {
  private static final long serialVersionUID = 1L;
  private static final Logger logger = LoggerFactory.getLogger(PrimaryProxy.class);

  /** Longer than the pauses of a live client, shorter than the timeout of Prometheus (30 s). */
  private static final Duration STALL = Duration.ofSeconds(25);

  private static final int MAX_LOGGED = 200;
  private static final Pattern NOT_PRINTABLE = Pattern.compile("[^\\x21-\\x7e]");

  private final transient URI origin;
  private final String basePath;
  private final long timeoutMillis;
  private final long stallMillis;
  private final long connectTimeoutMillis;
  private final String host;
  private final transient FailureLog failures;
  private final transient @Nullable SSLContext primaryTls;

  PrimaryProxy(GatewayOptions options) {
    this.origin = options.primary().resolve("/");
    this.basePath = basePath(options.primary().getRawPath());
    this.host = options.primaryHost();
    this.failures = new FailureLog("failed at the primary " + options.primary());
    this.timeoutMillis = options.primaryTimeout().toMillis();
    this.stallMillis = Math.max(STALL.toMillis(), timeoutMillis + 1000);
    this.connectTimeoutMillis = options.primaryConnectTimeout().toMillis();
    this.primaryTls = options.primaryTls();
  }

  private static String basePath(String path) {
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  @Override
  protected HttpClient createHttpClient() {
    Executor executor =
        (Executor) getServletContext().getAttribute("org.eclipse.jetty.server.Executor");
    return PrimaryClient.start(executor, connectTimeoutMillis, primaryTls);
  }

  /** Unlike the parent, accepts paths that {@link URI} rejects; see {@link RawRequest}. */
  @Override
  protected @Nullable String rewriteTarget(HttpServletRequest request) {
    String path = request.getRequestURI();
    String query = request.getQueryString();
    boolean lost = isLossy(path) || (query != null && isLossy(query));
    if (lost) {
      return null;
    }
    // The target * of OPTIONS means the whole server.
    return path.equals("*") ? path : basePath + path;
  }

  /** The server decodes bytes that are not UTF-8 as U+FFFD, so the original bytes are lost. */
  private static boolean isLossy(String text) {
    return text.indexOf('\uFFFD') >= 0;
  }

  @Override
  protected void onProxyRewriteFailed(HttpServletRequest request, HttpServletResponse response) {
    respond(request, response, HttpStatus.BAD_REQUEST_400, "the request target is not valid UTF-8");
  }

  @Override
  protected Request newProxyRequest(HttpServletRequest request, String rewrittenTarget) {
    return new RawRequest(
            getHttpClient(), origin, request.getMethod(), rewrittenTarget, request.getQueryString())
        .attribute(CLIENT_REQUEST_ATTRIBUTE, request);
  }

  @Override
  protected void copyRequestHeaders(HttpServletRequest request, Request proxyRequest) {
    HttpFields original = parsedHeaders(request);
    Set<String> hopByHop = HopByHop.of(original);
    RequestFraming framing = RequestFraming.of(original);
    proxyRequest.headers(
        headers -> {
          headers.clear();
          for (HttpField field : original) {
            if (field.getHeader() != HttpHeader.EXPECT && !hopByHop.contains(field.getName())) {
              framing.copy(field, headers);
            }
          }
          // Even if the Connection header names a framing header.
          framing.writeTo(headers, request.getMethod());
          if (!host.isEmpty()) {
            headers.put(HttpHeader.HOST, host);
          }
        });
  }

  private static HttpFields parsedHeaders(HttpServletRequest request) {
    return ServletContextRequest.getServletContextRequest(request).getHeaders();
  }

  @Override
  protected void addProxyHeaders(HttpServletRequest request, Request proxyRequest) {
    proxyRequest.headers(
        headers -> {
          String before = String.join(", ", headers.getValuesList(HttpHeader.X_FORWARDED_FOR));
          String client =
              ClientAddress.format(
                  ServletContextRequest.getServletContextRequest(request)
                      .getConnectionMetaData()
                      .getRemoteSocketAddress());
          headers.put(
              HttpHeader.X_FORWARDED_FOR, before.isEmpty() ? client : before + ", " + client);
        });
  }

  /**
   * Returns false because the parent would wait for the primary's 100 and lose a final response
   * that arrives instead. The container sends 100 to the client when the body is first read.
   */
  @Override
  protected boolean expects100Continue(HttpServletRequest request) {
    return false;
  }

  /**
   * Unlike the parent, does not infer a body from Content-Type, and finds bodies of 2 GiB and more.
   */
  @Override
  protected boolean hasContent(HttpServletRequest request) {
    return RequestFraming.of(parsedHeaders(request)).hasBody();
  }

  /** Unlike the parent, adds no Content-Type to a request that has none. */
  @Override
  protected Request.Content proxyRequestContent(
      HttpServletRequest request, HttpServletResponse response, Request proxyRequest)
      throws IOException {
    AsyncRequestContent content = RequestFraming.of(parsedHeaders(request)).newContent();
    request
        .getInputStream()
        .setReadListener(newReadListener(request, response, proxyRequest, content));
    return content;
  }

  @Override
  protected void sendProxyRequest(
      HttpServletRequest request, HttpServletResponse response, Request proxyRequest) {
    proxyRequest.idleTimeout(stallMillis, TimeUnit.MILLISECONDS);
    PrimaryDeadline.watch(proxyRequest, getHttpClient(), timeoutMillis);
    super.sendProxyRequest(request, response, proxyRequest);
  }

  /**
   * Unlike the parent, neither splits nor joins values, and bypasses the servlet API, which
   * rewrites charsets and, when a body is too short, ends requests without calling their listeners.
   */
  @Override
  protected void onServerResponseHeaders(
      HttpServletRequest request, HttpServletResponse response, Response serverResponse) {
    HttpFields.Mutable headers =
        ServletContextResponse.getServletContextResponse(response).getWrapped().getHeaders();
    HttpFields from = serverResponse.getHeaders();
    if (serverResponse.getStatus() == HttpStatus.SWITCHING_PROTOCOLS_101) {
      var unused = serverResponse.abort(new GatewayError.OfResponse("101 without an Upgrade"));
      return;
    }
    if (from.contains(HttpHeader.TRANSFER_ENCODING) && !FramingGuard.isChunkedOnly(from)) {
      // Without the header, which is one of the connection, the client could not decode the body.
      var unused =
          serverResponse.abort(new GatewayError.OfResponse("a transfer coding besides chunked"));
      return;
    }
    ProxiedRequests.forwarded(ServletContextRequest.getServletContextRequest(request));
    Set<String> hopByHop = HopByHop.of(from);
    if (serverResponse.getStatus() == HttpStatus.NO_CONTENT_204) {
      // RFC 9110 8.6 forbids it.
      hopByHop.add(HttpHeader.CONTENT_LENGTH.asString());
    }
    for (HttpField field : from) {
      if (!hopByHop.contains(field.getName())) {
        headers.add(field);
      }
    }
    if (!headers.contains(HttpHeader.CONTENT_LENGTH)) {
      // Jetty would add Content-Length: 0, which would be that of the response to GET.
      if (HttpMethod.HEAD.is(request.getMethod()) && !isHttp2(request)) {
        headers.add(HttpHeader.TRANSFER_ENCODING, HttpHeaderValue.CHUNKED);
      } else if (HttpMethod.HEAD.is(request.getMethod())
          || serverResponse.getStatus() == HttpStatus.NOT_MODIFIED_304) {
        commit(response);
      }
    }
  }

  private static boolean isHttp2(HttpServletRequest request) {
    return Http2Request.isHttp2(ServletContextRequest.getServletContextRequest(request));
  }

  private static void commit(HttpServletResponse response) {
    try {
      response.flushBuffer();
    } catch (IOException e) {
      // The client has gone; the end of the response will show it again.
      logger.debug("failed to send a head", e);
    }
  }

  /** Unlike the parent, does not take a failure of the client for one of the primary. */
  @Override
  protected ReadListener newReadListener(
      HttpServletRequest request,
      HttpServletResponse response,
      Request proxyRequest,
      AsyncRequestContent content) {
    return new StreamReader(request, response, proxyRequest, content) {
      @Override
      public void onError(Throwable failure) {
        super.onError(GatewayError.OfClient.of(failure));
      }
    };
  }

  @Override
  protected void onClientRequestFailure(
      HttpServletRequest request,
      Request proxyRequest,
      HttpServletResponse response,
      Throwable failure) {
    super.onClientRequestFailure(
        request, proxyRequest, response, GatewayError.OfClient.of(failure));
  }

  @Override
  protected void onProxyResponseFailure(
      HttpServletRequest request,
      HttpServletResponse response,
      @Nullable Response serverResponse,
      Throwable failure) {
    GatewayError error = GatewayError.of(failure);
    if (!(failure instanceof GatewayError.OfClient)) {
      failures.log(request.getMethod() + " " + path(request) + ": " + error.detail());
    }
    if (failure instanceof PrimaryDeadline.EarlyResponse) {
      request.getAsyncContext().complete();
      return;
    }
    respond(request, response, error.status(), error.reason());
  }

  /** Returns the path for the log: what clients send must not add lines to it. */
  private static String path(HttpServletRequest request) {
    String path = request.getRequestURI();
    String start = path.length() > MAX_LOGGED ? path.substring(0, MAX_LOGGED) + "..." : path;
    return NOT_PRINTABLE.matcher(start).replaceAll("?");
  }

  /** Called by the parent when the client's request failed after the exchange had ended. */
  @Override
  protected void sendProxyResponseError(
      HttpServletRequest request, HttpServletResponse response, int status) {
    respond(request, response, status, HttpStatus.getMessage(status));
  }

  /**
   * Responds in place of the primary. Unlike the parent, keeps the connection; the server closes it
   * if the request has not been read.
   */
  private static void respond(
      HttpServletRequest request, HttpServletResponse response, int status, String reason) {
    if (response.isCommitted()) {
      // The client must see that the response is truncated. The parent's sendError(-1) does that
      // too, but ends the request without calling its listeners, among them the mirror's.
      Truncation.show(ServletContextRequest.getServletContextRequest(request));
      request.getAsyncContext().complete();
      return;
    }
    response.reset();
    ProxiedRequests.notForwarded(ServletContextRequest.getServletContextRequest(request));
    try {
      response.sendError(status, reason);
    } catch (IOException | IllegalStateException e) {
      // The client has gone, or another thread has responded.
      logger.debug("failed to respond with {}", status, e);
    }
    if (request.isAsyncStarted()) {
      request.getAsyncContext().complete();
    }
  }
}
