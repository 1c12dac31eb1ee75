package io.github.requestmirror.internal.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Authorization",
        "Proxy-Authorization",
        "X-Forwarded-Authorization",
        "X-Serverless-Authorization",
        "Cookie",
        "Cookie2",
        "DPoP",
        "X-Grafana-Id",
        "X-Honeycomb-Team",
        "X-Amz-Date",
        "X-Amz-Content-Sha256",
        "X-Amz-Security-Token",
        "X-Amz-Signature",
        "X-Amz-Credential",
        "X-Amzn-Oidc-Accesstoken",
        "X-Amzn-Oidc-Data",
        "X-Amzn-Oidc-Identity",
        "X-Goog-Iap-Jwt-Assertion",
        "Cf-Access-Jwt-Assertion",
        "X-Ms-Token-Aad-Access-Token",
        "X-Ms-Token-Aad-Expires-On",
        "X-Forwarded-Access-Token",
        "X-Forwarded-Client-Cert",
        "X-Forwarded-Tls-Client-Cert-Info",
        "Client-Cert-Chain",
        "X-ARR-ClientCert",
        "X-SSL-Client-Verify",
        "SSL_CLIENT_S_DN",
        "X-Api-Key",
        "X_API_KEY",
        "Api-Key",
        "apikey",
        "X-ApiKey",
        "DD-API-KEY",
        "DD-APPLICATION-KEY",
        "Ocp-Apim-Subscription-Key",
        "X-Functions-Key",
        "X-License-Key",
        "X-Auth-Token",
        "X-Auth-Key",
        "X-Sentry-Auth",
        "X-Vault-Token",
        "PRIVATE-TOKEN",
        "X-CSRF-Token",
        "X-Client-Secret",
        "X-Password",
        "X-Session-Id",
        "X-SessionId",
        "Signature",
        "Signature-Input",
        "X-Hub-Signature-256",
        "X-GitHub-OTP"
      })
  void headerIsACredential(String name) {
    assertThat(Credentials.isHeader(name)).isTrue();
    assertThat(Credentials.isHeader(name.toUpperCase(Locale.ROOT))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-Scope-OrgID",
        "X-Prometheus-Remote-Write-Version",
        "X-Prometheus-Remote-Read-Version",
        "X-Prometheus-Scrape-Timeout-Seconds",
        "Content-Type",
        "Content-Encoding",
        "Content-Digest",
        "Content-MD5",
        "User-Agent",
        "traceparent",
        "tracestate",
        "baggage",
        "b3",
        "X-B3-TraceId",
        "X-Amzn-Trace-Id",
        "X-Cloud-Trace-Context",
        "Retry-Attempt",
        "Idempotency-Key",
        "X-Partition-Key",
        "X-Request-Id",
        "X-Correlation-Id",
        "Accept",
        "Accept-Encoding",
        "Cache-Control",
        "If-None-Match",
        "Forwarded",
        "X-Forwarded-For",
        "X-Forwarded-User",
        "X-Auth-Request-User",
        "X-Real-IP",
        "Via",
        "X-Grafana-Org-Id",
        "X-Dashboard-Uid",
        "X-Query-Tags",
        "Sec-WebSocket-Key",
        "Sec-Fetch-Site",
        "Author",
        "X-Tokens",
        "Monkey",
        "Key",
        "-",
        ""
      })
  void headerIsNoCredential(String name) {
    assertThat(Credentials.isHeader(name)).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "null",
      value = {
        "'', ''",
        "a=1&&b=%20+&=&c, a=1&&b=%20+&=&c",
        "access_token=x, null",
        "access_token, null",
        "a=1&access_token=x, a=1",
        "access_token=x&a=1, a=1",
        "a=1&api_key=x&b=access_token, a=1&b=access_token",
        "&access_token=x&, &",
        "apikey=x&ACCESS_TOKEN=y&X-Amz-Signature=z&X-Amz-Credential=a&q=1, q=1",
        "access%5Ftoken=x&%2558-amz-date=y&q=1, q=1",
        "group_next_token=x&token=y&my_access_token=z, group_next_token=x&token=y&my_access_token=z"
      })
  void removesCredentialsFromQuery(String query, @Nullable String expected) {
    assertThat(Credentials.removeFrom(query)).isEqualTo(expected);
  }

  @Test
  void documentationListsTheSameNames() throws IOException {
    String page = Files.readString(Path.of("..", "docs", "configuration.md"));
    assertThat(documented(page, "the name is"))
        .containsExactlyInAnyOrderElementsOf(Credentials.NAMES);
    assertThat(documented(page, "the name starts with"))
        .containsExactlyInAnyOrderElementsOf(Credentials.PREFIXES);
    assertThat(documented(page, "a word of the name is, or ends with"))
        .containsExactlyInAnyOrderElementsOf(Credentials.WORDS);
    assertThat(documented(page, "the name ends with the words"))
        .containsExactlyInAnyOrderElementsOf(Credentials.LAST_WORDS);
    assertThat(documented(page, "a query parameter is"))
        .containsExactlyInAnyOrderElementsOf(Credentials.PARAMETERS);
    assertThat(documented(page, "a query parameter starts with"))
        .containsExactly(Credentials.PARAMETER_PREFIX);
  }

  private static List<String> documented(String page, String rule) {
    List<String> rows = page.lines().filter(line -> line.startsWith("| " + rule + " | ")).toList();
    assertThat(rows).as("rows of '%s'", rule).hasSize(1);
    String names = rows.get(0).split(" \\| ", -1)[1];
    return Pattern.compile("`([^`]+)`")
        .matcher(names)
        .results()
        .map(name -> name.group(1).toLowerCase(Locale.ROOT))
        .toList();
  }
}
