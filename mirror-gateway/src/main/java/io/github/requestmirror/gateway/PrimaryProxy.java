package io.github.requestmirror.gateway;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
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
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/**
 * Forwards every request to the primary and its response to the client, both unchanged: method, raw
 * path and query, headers in order with their repeats, body bytes; status, headers, body.
 *
 * <p>Exceptions: hop-by-hop headers are not forwarded (RFC 9110 7.6.1); the gateway itself responds
 * to {@code Expect}; the client's address is appended to {@code X-Forwarded-For}. {@code Host} is
 * the client's. Envoy does the same. {@code Via} and {@code Forwarded} are not added. {@link
 * RequestFraming} delimits the forwarded body; trailers are discarded, as RFC 9112 7.1.2 allows.
 */
final class PrimaryProxy extends AsyncProxyServlet {
  private static final long serialVersionUID = 1L;

  /** Longer than the pauses of a live client, shorter than the timeout of Prometheus (30 s). */
  private static final Duration STALL = Duration.ofSeconds(25);

  private final transient URI origin;
  private final String basePath;
  private final long timeoutMillis;
  private final long stallMillis;
  private final long connectTimeoutMillis;
  private final transient FailureLog failures = new FailureLog();

  PrimaryProxy(GatewayOptions options) {
    this.origin = options.primary().resolve("/");
    this.basePath = basePath(options.primary().getRawPath());
    this.timeoutMillis = options.primaryTimeout().toMillis();
    this.stallMillis = Math.max(STALL.toMillis(), timeoutMillis + 1000);
    this.connectTimeoutMillis = options.primaryConnectTimeout().toMillis();
  }

  private static String basePath(String path) {
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  @Override
  protected HttpClient createHttpClient() {
    Executor executor =
        (Executor) getServletContext().getAttribute("org.eclipse.jetty.server.Executor");
    return PrimaryClient.start(executor, connectTimeoutMillis);
  }

  /** Unlike the parent, accepts paths that {@link URI} rejects; see {@link RawRequest}. */
  @Override
  protected @Nullable String rewriteTarget(HttpServletRequest request) {
    String path = request.getRequestURI();
    String query = request.getQueryString();
    boolean lost = isLossy(path) || (query != null && isLossy(query));
    return lost ? null : basePath + path;
  }

  /** The server decodes bytes that are not UTF-8 as U+FFFD, so the original bytes are lost. */
  private static boolean isLossy(String text) {
    return text.indexOf('\uFFFD') >= 0;
  }

  @Override
  protected void onProxyRewriteFailed(HttpServletRequest request, HttpServletResponse response) {
    sendProxyResponseError(request, response, HttpStatus.BAD_REQUEST_400);
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
    Set<String> hopByHop = hopByHop(original);
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
        });
  }

  private static HttpFields parsedHeaders(HttpServletRequest request) {
    return ServletContextRequest.getServletContextRequest(request).getHeaders();
  }

  /** Returns the names that RFC 9110 7.6.1 or a Connection header forbids to forward. */
  private static Set<String> hopByHop(HttpFields fields) {
    Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    names.addAll(HOP_HEADERS);
    names.addAll(fields.getCSV(HttpHeader.CONNECTION, false));
    return names;
  }

  @Override
  protected void addProxyHeaders(HttpServletRequest request, Request proxyRequest) {
    proxyRequest.headers(
        headers -> {
          String before = String.join(", ", headers.getValuesList(HttpHeader.X_FORWARDED_FOR));
          String client = request.getRemoteAddr();
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
    Set<String> hopByHop = hopByHop(serverResponse.getHeaders());
    for (HttpField field : serverResponse.getHeaders()) {
      if (!hopByHop.contains(field.getName())) {
        headers.add(field);
      }
    }
  }

  @Override
  protected void onProxyResponseFailure(
      HttpServletRequest request,
      HttpServletResponse response,
      @Nullable Response serverResponse,
      Throwable failure) {
    failures.log(failure);
    if (failure instanceof PrimaryDeadline.EarlyResponse) {
      request.getAsyncContext().complete();
      return;
    }
    super.onProxyResponseFailure(request, response, serverResponse, failure);
  }

  @Override
  protected void sendProxyResponseError(
      HttpServletRequest request, HttpServletResponse response, int status) {
    if (response.isCommitted()) {
      // The client must see that the response is truncated. The parent's sendError(-1) does that
      // too, but ends the request without calling its listeners, among them the mirror's.
      ServletContextRequest.getServletContextRequest(request)
          .getConnectionMetaData()
          .getConnection()
          .getEndPoint()
          .close();
      request.getAsyncContext().complete();
      return;
    }
    response.reset();
    super.sendProxyResponseError(request, response, status);
  }

  @Override
  protected int proxyResponseStatus(Throwable failure) {
    return failure instanceof RejectedExecutionException
        ? HttpStatus.SERVICE_UNAVAILABLE_503
        : super.proxyResponseStatus(failure);
  }
}
