package io.github.requestmirror.httpclient5;

import io.github.requestmirror.client.contract.TestClient.Options;
import java.io.IOException;
import org.apache.hc.client5.http.auth.AuthScope;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.client5.http.impl.auth.BasicCredentialsProvider;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.ProtocolVersion;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/** What the settings of the classic and of the asynchronous client have in common. */
final class ClientOptions {
  private ClientOptions() {}

  static RequestConfig config(Options options) {
    return RequestConfig.custom()
        .setExpectContinueEnabled(options.expectContinue())
        .setResponseTimeout(Timeout.of(options.responseTimeout()))
        .setConnectionRequestTimeout(Timeout.ofSeconds(20))
        .build();
  }

  static ConnectionConfig connection(Options options) {
    return ConnectionConfig.custom()
        .setConnectTimeout(Timeout.of(options.connectTimeout()))
        .build();
  }

  /** Limits the TLS handshake of the classic client, which 5.4 does not do otherwise. */
  static SocketConfig socket(Options options) {
    return SocketConfig.custom().setSoTimeout(Timeout.of(options.connectTimeout())).build();
  }

  /** Returns what both clients use for TLS. */
  static DefaultClientTlsStrategy tls(Options options) {
    return options.tls() == null
        ? DefaultClientTlsStrategy.createDefault()
        : new DefaultClientTlsStrategy(options.tls().client());
  }

  /** Returns a strategy that repeats a call at once after every failure and after 503. */
  static DefaultHttpRequestRetryStrategy retries(Options options) {
    return new DefaultHttpRequestRetryStrategy(options.retries(), TimeValue.ZERO_MILLISECONDS) {
      @Override
      public boolean retryRequest(
          HttpRequest request, IOException cause, int count, @Nullable HttpContext context) {
        return count <= options.retries();
      }

      @Override
      public TimeValue getRetryInterval(
          HttpResponse response, int count, @Nullable HttpContext context) {
        return TimeValue.ZERO_MILLISECONDS;
      }
    };
  }

  static BasicCredentialsProvider credentials(Options options) {
    BasicCredentialsProvider credentials = new BasicCredentialsProvider();
    if (options.credentials()) {
      credentials.setCredentials(
          new AuthScope(null, -1),
          new UsernamePasswordCredentials("user", "password".toCharArray()));
    }
    return credentials;
  }

  static String protocolAndReason(HttpResponse response) {
    ProtocolVersion version = response.getVersion();
    return version + " " + response.getReasonPhrase();
  }
}
