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
  static final List<String> NAMES =
      List.of("cookie", "cookie2", "dpop", "x-grafana-id", "x-honeycomb-team");

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

  /** Most words of names end with a letter that no word of the list ends with. */
  private static final String[][] WORDS_BY_LAST_LETTER = byLastLetter(WORDS);

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

  /** Parameters that are sent, but are masked in what the target repeats. */
  static final Set<String> MASKED_PARAMETERS =
      Set.of("sig", "key", "code", "pwd", "pass", "passwd");

  private Credentials() {}

  private static String[][] byLastLetter(List<String> words) {
    String[][] byLetter = new String[128][];
    for (char letter = 0; letter < byLetter.length; letter++) {
      String last = String.valueOf(letter);
      byLetter[letter] = words.stream().filter(word -> word.endsWith(last)).toArray(String[]::new);
    }
    return byLetter;
  }

  /** Returns whether a header may contain credentials. Does not allocate for ordinary names. */
  static boolean isHeader(String name) {
    String dashed = name.indexOf('_') < 0 ? name : name.replace('_', '-');
    int length = dashed.length();
    for (String other : NAMES) {
      if (other.length() == length && endsAt(dashed, length, other)) {
        return true;
      }
    }
    for (String prefix : PREFIXES) {
      if (prefix.length() <= length && endsAt(dashed, prefix.length(), prefix)) {
        return true;
      }
    }
    for (String words : LAST_WORDS) {
      int start = length - words.length();
      if (start >= 0
          && endsAt(dashed, length, words)
          && (start == 0 || dashed.charAt(start - 1) == '-')) {
        return true;
      }
    }
    for (int end = 1; end <= length; end++) {
      if ((end == length || dashed.charAt(end) == '-') && endsWithWord(dashed, end)) {
        return true;
      }
    }
    return false;
  }

  /** No word contains a dash, so a match lies within one word of the name. */
  private static boolean endsWithWord(String name, int end) {
    for (String word : WORDS_BY_LAST_LETTER[lower(name.charAt(end - 1)) & 0x7f]) {
      if (word.length() <= end && endsAt(name, end, word)) {
        return true;
      }
    }
    return false;
  }

  /** Compares from the end, where names differ most, and ignores the case of ASCII letters. */
  private static boolean endsAt(String name, int end, String lower) {
    int offset = end - lower.length();
    for (int i = lower.length() - 1; i >= 0; i--) {
      if (lower(name.charAt(offset + i)) != lower.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c;
  }

  /**
   * Returns whether the value of a query parameter may be secret. A guess by the words of headers,
   * which is too coarse to remove the parameter.
   */
  static boolean isSecretParameter(String rawName) {
    String name = DenyList.decode(rawName).toLowerCase(Locale.ROOT);
    return isParameter(name) || MASKED_PARAMETERS.contains(name) || isHeader(name);
  }

  private static boolean isParameter(String name) {
    return PARAMETERS.contains(name) || name.startsWith(PARAMETER_PREFIX);
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
    return isParameter(DenyList.decode(name).toLowerCase(Locale.ROOT));
  }
}
