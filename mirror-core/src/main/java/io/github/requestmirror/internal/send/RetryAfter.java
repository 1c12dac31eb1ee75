package io.github.requestmirror.internal.send;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpResponse;
import org.jspecify.annotations.Nullable;

/** Parses {@code Retry-After} (RFC 9110 10.2.3). */
final class RetryAfter {
  /** At most thirty years, so that the value cannot overflow. */
  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}");

  /** The three formats of RFC 9110 5.6.7, the preferred one first. */
  private static final List<DateTimeFormatter> DATES =
      List.of(
          formatter("EEE, dd MMM yyyy HH:mm:ss 'GMT'"),
          new DateTimeFormatterBuilder()
              .appendPattern("EEEE, dd-MMM-")
              .appendValueReduced(ChronoField.YEAR, 2, 2, 1970)
              .appendPattern(" HH:mm:ss 'GMT'")
              .toFormatter(Locale.ENGLISH)
              .withZone(ZoneOffset.UTC),
          formatter("EEE MMM ppd HH:mm:ss yyyy"));

  private RetryAfter() {}

  /** Initializes the class. */
  static void initialize() {}

  private static DateTimeFormatter formatter(String pattern) {
    return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).withZone(ZoneOffset.UTC);
  }

  /** Returns the time to wait, or zero. A date is relative to the target's clock. */
  static Duration of(HttpResponse response) {
    String value = value(response, HttpHeaders.RETRY_AFTER);
    if (value == null) {
      return Duration.ZERO;
    }
    if (SECONDS.matcher(value).matches()) {
      return Duration.ofSeconds(Long.parseLong(value));
    }
    Instant then = date(value);
    Instant now = date(value(response, HttpHeaders.DATE));
    Duration wait =
        then == null ? Duration.ZERO : Duration.between(now == null ? Instant.now() : now, then);
    return wait.isNegative() ? Duration.ZERO : wait;
  }

  private static @Nullable String value(HttpResponse response, String name) {
    Header header = response.getFirstHeader(name);
    return header == null || header.getValue() == null ? null : header.getValue().trim();
  }

  private static @Nullable Instant date(@Nullable String value) {
    for (DateTimeFormatter format : DATES) {
      try {
        return value == null ? null : format.parse(value, Instant::from);
      } catch (DateTimeParseException e) {
        // Try the next format.
      }
    }
    return null;
  }
}
