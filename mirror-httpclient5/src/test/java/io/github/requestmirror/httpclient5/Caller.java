package io.github.requestmirror.httpclient5;

import java.io.IOException;
import java.time.Duration;
import org.apache.hc.client5.http.auth.AuthScope;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.client5.http.impl.auth.BasicCredentialsProvider;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/** A client that makes calls, with and without the mirror. */
interface Caller extends AutoCloseable {
  Duration PATIENCE = Duration.ofSeconds(60);

  /** Makes the call and another after it, and tells what was to be seen. */
  Seen make(Call call, Primary primary) throws Exception;

  @Override
  void close() throws IOException;

  static RequestConfig config(Call call) {
    return RequestConfig.custom()
        .setExpectContinueEnabled(call.expectContinue)
        .setResponseTimeout(Timeout.ofMilliseconds(call.responseTimeoutMillis))
        .setConnectionRequestTimeout(Timeout.ofSeconds(20))
        .build();
  }

  /** Retries at once whatever fails and whatever says 503. */
  static DefaultHttpRequestRetryStrategy retries(Call call) {
    return new DefaultHttpRequestRetryStrategy(call.retries, TimeValue.ZERO_MILLISECONDS) {
      @Override
      public boolean retryRequest(
          HttpRequest request, IOException cause, int count, @Nullable HttpContext context) {
        return count <= call.retries;
      }

      @Override
      public TimeValue getRetryInterval(
          HttpResponse response, int count, @Nullable HttpContext context) {
        return TimeValue.ZERO_MILLISECONDS;
      }
    };
  }

  static BasicCredentialsProvider credentials(Call call) {
    BasicCredentialsProvider credentials = new BasicCredentialsProvider();
    if (call.credentials) {
      credentials.setCredentials(
          new AuthScope(null, -1),
          new UsernamePasswordCredentials("user", "password".toCharArray()));
    }
    return credentials;
  }
}
