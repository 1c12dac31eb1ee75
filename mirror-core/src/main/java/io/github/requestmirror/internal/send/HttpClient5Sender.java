package io.github.requestmirror.internal.send;

import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.internal.accounting.GuardedLog;
import java.net.InetAddress;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManager;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.http.config.CharCodingConfig;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.nio.ssl.TlsStrategy;
import org.apache.hc.core5.http2.HttpVersionPolicy;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.pool.PoolReusePolicy;
import org.apache.hc.core5.reactor.IOReactorConfig;
import org.apache.hc.core5.ssl.SSLContexts;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Sends with the asynchronous Apache HttpClient 5 and one I/O thread. Disables the features that
 * copies do not need: redirects, cookies, authentication, decompression, retries, upgrades.
 *
 * <p>An {@code Error} on the I/O thread, such as an OutOfMemoryError caused by the application,
 * ends HttpCore's reactor. The next copy then starts a new client, at most one per second.
 */
public final class HttpClient5Sender implements Sender {
  private static final GuardedLog logger = new GuardedLog(HttpClient5Sender.class);

  /**
   * Large enough to send head and body of an ordinary remote-write request in one write, which
   * reduces the cost of a copy by about a fifth.
   */
  private static final int BUFFER_BYTES = 32 << 10;

  /** How often the HTTP client checks for connect and handshake timeouts. */
  private static final TimeValue TIMEOUT_RESOLUTION = TimeValue.ofMilliseconds(100);

  /** The maximum number of header lines of a response, and of trailers; limits memory. */
  private static final int MAX_HEADERS = 1000;

  /** The minimum interval between restarts, for errors that last. */
  private static final long RESTART_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

  /**
   * The HTTP client adds a {@code User-Agent} if there is none. This value, which no request can
   * have, marks the added header for removal.
   */
  private static final String NO_USER_AGENT = "\0";

  /** The HTTP client requires a {@code Content-Type} for OPTIONS with a body; removed as above. */
  private static final String NO_CONTENT_TYPE = "\0";

  private final MirrorTarget target;
  private final HttpHost host;
  private final BackgroundDns dns;
  private final TlsStrategy tls;
  private volatile Running running;
  private volatile boolean closed;

  /** When the last client was started. Confined to the sending thread. */
  private long startedAt;

  private record Running(CloseableHttpAsyncClient client, LiveExchanges exchanges) {}

  public static HttpClient5Sender start(MirrorTarget target, TargetAddress address) {
    return start(target, address, InetAddress::getAllByName);
  }

  static HttpClient5Sender start(
      MirrorTarget target, TargetAddress address, BackgroundDns.Lookup lookup) {
    BackgroundDns dns =
        new BackgroundDns(
            address.host(),
            target.dnsRefreshInterval(),
            "mirror-" + target.name() + "-dns",
            lookup);
    try {
      dns.awaitFirstLookup(target.connectTimeout());
      return new HttpClient5Sender(target, address, dns);
    } catch (Throwable t) {
      dns.close();
      throw t;
    }
  }

  private HttpClient5Sender(MirrorTarget target, TargetAddress address, BackgroundDns dns) {
    this.target = target;
    this.host = new HttpHost(address.tls() ? "https" : "http", address.host(), address.port());
    this.dns = dns;
    SSLContext context = target.sslContext();
    // The builder's default does not verify host names in HttpClient 5.4.
    this.tls =
        new DefaultClientTlsStrategy(context == null ? SSLContexts.createSystemDefault() : context);
    this.startedAt = System.nanoTime();
    this.running = startClient();
  }

  private Running startClient() {
    LiveExchanges exchanges = new LiveExchanges();
    CloseableHttpAsyncClient client = client(exchanges);
    try {
      client.start();
      return new Running(client, exchanges);
    } catch (Throwable t) {
      client.close(CloseMode.IMMEDIATE);
      throw t;
    }
  }

  private CloseableHttpAsyncClient client(LiveExchanges exchanges) {
    return HttpAsyncClients.custom()
        .setConnectionManager(connections())
        .setIoSessionDecorator(LimitedSession::new)
        .setIOReactorConfig(
            IOReactorConfig.custom()
                .setIoThreadCount(1)
                .setSelectInterval(TIMEOUT_RESOLUTION)
                .setTcpNoDelay(true)
                .setSoTimeout(Timeout.of(target.callTimeout()))
                .build())
        .setThreadFactory(task -> thread(task, exchanges))
        .setHttp1Config(
            Http1Config.custom()
                .setBufferSize(BUFFER_BYTES)
                .setChunkSizeHint(BUFFER_BYTES)
                .setMaxLineLength(DiscardingResponseConsumer.OVERHEAD_BYTES)
                .setMaxHeaderCount(MAX_HEADERS)
                .build())
        .setCharCodingConfig(
            // Keeps header bytes above ASCII unchanged.
            CharCodingConfig.custom()
                .setCharset(StandardCharsets.ISO_8859_1)
                .setUnmappableInputAction(CodingErrorAction.REPLACE)
                .build())
        .setDefaultRequestConfig(
            RequestConfig.custom()
                .setAuthenticationEnabled(false)
                .setContentCompressionEnabled(false)
                .setRedirectsEnabled(false)
                .setExpectContinueEnabled(false)
                .setProtocolUpgradeEnabled(false)
                .setConnectionRequestTimeout(Timeout.of(target.callTimeout()))
                .setResponseTimeout(Timeout.of(target.callTimeout()))
                .build())
        .setUserAgent(NO_USER_AGENT)
        .addRequestInterceptorFirst(
            (request, entity, context) -> {
              if (!request.containsHeader(HttpHeaders.CONTENT_TYPE)) {
                request.addHeader(HttpHeaders.CONTENT_TYPE, NO_CONTENT_TYPE);
              }
            })
        .addRequestInterceptorLast(
            (request, entity, context) -> {
              removeIf(request, HttpHeaders.CONTENT_TYPE, NO_CONTENT_TYPE);
              removeIf(request, HttpHeaders.USER_AGENT, NO_USER_AGENT);
            })
        .setIoReactorExceptionCallback(this::failedOutsideOfExchanges)
        .disableAutomaticRetries()
        .disableRedirectHandling()
        .disableCookieManagement()
        .disableAuthCaching()
        .disableConnectionState()
        .build();
  }

  private PoolingAsyncClientConnectionManager connections() {
    return PoolingAsyncClientConnectionManagerBuilder.create()
        .setDnsResolver(dns)
        .setTlsStrategy(tls)
        .setMaxConnTotal(target.maxInFlight())
        .setMaxConnPerRoute(target.maxInFlight())
        .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.STRICT)
        .setConnPoolPolicy(PoolReusePolicy.LIFO)
        .setDefaultTlsConfig(
            TlsConfig.custom()
                .setVersionPolicy(HttpVersionPolicy.FORCE_HTTP_1)
                .setHandshakeTimeout(Timeout.of(target.connectTimeout()))
                .build())
        .setDefaultConnectionConfig(
            ConnectionConfig.custom()
                .setConnectTimeout(Timeout.of(target.connectTimeout()))
                .setSocketTimeout(Timeout.of(target.callTimeout()))
                .setTimeToLive(TimeValue.of(target.connectionTimeToLive()))
                .build())
        .build();
  }

  private static void removeIf(HttpRequest request, String name, String value) {
    Header header = request.getFirstHeader(name);
    if (header != null && value.equals(header.getValue())) {
      request.removeHeader(header);
    }
  }

  /** HttpCore's I/O thread throws a ClosedSelectorException on close. */
  private void failedOutsideOfExchanges(Exception cause) {
    if (closed) {
      logger.debug("the I/O thread for {} failed during close", host, cause);
    } else {
      logger.warn("the I/O thread for {} failed", host, cause);
    }
  }

  private Thread thread(Runnable task, LiveExchanges exchanges) {
    Runnable watched =
        () -> {
          try {
            task.run();
          } catch (Throwable t) {
            if (!closed) {
              logger.warn("the I/O thread for {} ended; the next copy starts another", host, t);
            }
          } finally {
            exchanges.threadEnded();
          }
        };
    Thread thread = new Thread(watched, "mirror-" + target.name() + "-io");
    thread.setDaemon(true);
    return thread;
  }

  /** Returns a running client, restarted if needed, or null while a restart is not permitted. */
  private @Nullable Running restartIfEnded() {
    Running current = running;
    if (!current.exchanges().isThreadEnded()) {
      return current;
    }
    long now = System.nanoTime();
    if (closed || now - startedAt < RESTART_INTERVAL_NANOS) {
      return null;
    }
    startedAt = now;
    current.client().close(CloseMode.IMMEDIATE);
    Running restarted = startClient();
    running = restarted;
    if (closed) {
      // A concurrent close() may have closed only the old client.
      restarted.client().close(CloseMode.IMMEDIATE);
    }
    return restarted;
  }

  @Override
  public Exchange send(OutboundRequest request, Callback callback) {
    if (Method.TRACE.isSame(request.method()) && request.body().size() > 0) {
      // RFC 9110 9.3.8 forbids a body, and the HTTP client rejects it. Not the target's fault.
      callback.ended(Result.withoutResponse(Outcome.BODY_UNSUPPORTED, null));
      return () -> {};
    }
    Running current;
    try {
      current = restartIfEnded();
    } catch (Throwable t) {
      logger.debug("failed to start an I/O thread for {}", host, t);
      current = null;
    }
    if (current == null) {
      callback.ended(
          Result.withoutResponse(Outcome.CONNECT_FAILED, LiveExchanges.threadHasEnded()));
      return () -> {};
    }
    HttpExchange exchange =
        new HttpExchange(
            current.client(),
            current.exchanges(),
            host,
            request,
            target.maxResponseBytes(),
            callback);
    exchange.start();
    return exchange;
  }

  @Override
  public void close() {
    closed = true;
    dns.close();
    running.client().close(CloseMode.IMMEDIATE);
  }
}
