package io.github.requestmirror.internal.policy;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The headers and query parameters by which a client proves who it is. They belong to the primary,
 * so copies do not have them by default. Statements without a proof, such as the tenant, are not
 * among them. docs/configuration.md lists the same names.
 */
final class Credentials {
  static final Set<String> NAMES =
      Set.of("cookie", "cookie2", "dpop", "x-grafana-id", "x-honeycomb-team");

  /** AWS signatures cover the host, so their headers are of no use to another one. */
  static final List<String> PREFIXES =
      List.of("x-amz-", "x-amzn-oidc-", "x-ms-token-", "x-ssl-client-", "ssl-client-");

  /** The end of any word of a name, as in {@code X-Forwarded-Access-Token} and {@code Apikey}. */
  static final List<String> WORDS =
      List.of(
          "apikey",
          "assertion",
          "authorization",
          "cert",
          "certificate",
          "credential",
          "credentials",
          "jwt",
          "otp",
          "password",
          "secret",
          "session",
          "sessionid",
          "signature",
          "token");

  /** The last words of a name. Other keys, as in {@code Idempotency-Key}, are no credentials. */
  static final List<String> LAST_WORDS =
      List.of(
          "auth",
          "api-key",
          "access-key",
          "app-key",
          "application-key",
          "auth-key",
          "functions-key",
          "insert-key",
          "license-key",
          "private-key",
          "subscription-key");

  /**
   * Only names that are unambiguous, because a query is otherwise sent unchanged: Prometheus itself
   * has a parameter {@code group_next_token}.
   */
  static final Set<String> PARAMETERS = Set.of("access_token", "api_key", "apikey");

  static final String PARAMETER_PREFIX = "x-amz-";

  private Credentials() {}

  /** Returns whether a header may contain credentials. */
  static boolean isHeader(String name) {
    String lower = name.toLowerCase(Locale.ROOT).replace('_', '-');
    if (NAMES.contains(lower)) {
      return true;
    }
    for (String prefix : PREFIXES) {
      if (lower.startsWith(prefix)) {
        return true;
      }
    }
    for (String words : LAST_WORDS) {
      if (endsWithWords(lower, words)) {
        return true;
      }
    }
    for (int start = 0; start <= lower.length(); ) {
      int dash = lower.indexOf('-', start);
      int end = dash < 0 ? lower.length() : dash;
      if (isCredentialWord(lower, start, end)) {
        return true;
      }
      start = end + 1;
    }
    return false;
  }

  private static boolean endsWithWords(String name, String words) {
    int start = name.length() - words.length();
    return name.endsWith(words) && (start == 0 || name.charAt(start - 1) == '-');
  }

  private static boolean isCredentialWord(String name, int start, int end) {
    for (String word : WORDS) {
      int from = end - word.length();
      if (from >= start && name.startsWith(word, from)) {
        return true;
      }
    }
    return false;
  }

  /** Returns the raw query without credentials, otherwise unchanged; null if nothing is left. */
  static @Nullable String removeFrom(String rawQuery) {
    StringBuilder kept = null;
    int parameters = 0;
    for (int start = 0; start <= rawQuery.length(); ) {
      int and = rawQuery.indexOf('&', start);
      int end = and < 0 ? rawQuery.length() : and;
      if (isParameter(rawQuery, start, end)) {
        if (kept == null) {
          kept = new StringBuilder(rawQuery.length()).append(rawQuery, 0, Math.max(0, start - 1));
        }
      } else {
        if (kept != null) {
          kept.append(parameters == 0 ? "" : "&").append(rawQuery, start, end);
        }
        parameters++;
      }
      start = end + 1;
    }
    if (kept == null) {
      return rawQuery;
    }
    return parameters == 0 ? null : kept.toString();
  }

  private static boolean isParameter(String query, int start, int end) {
    int equals = query.indexOf('=', start);
    String name = query.substring(start, equals < 0 || equals > end ? end : equals);
    if (name.isEmpty()) {
      return false;
    }
    String lower = DenyList.decode(name).toLowerCase(Locale.ROOT);
    return PARAMETERS.contains(lower) || lower.startsWith(PARAMETER_PREFIX);
  }
}
