package io.github.requestmirror;

import io.github.requestmirror.internal.policy.HttpSyntax;
import java.time.Duration;
import java.util.Objects;

/** Validates settings. The exceptions name the setting, the value and the valid values. */
final class Require {
  private Require() {}

  static long inRange(String setting, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          setting + " " + value + " is out of range, must be from " + min + " to " + max);
    }
    return value;
  }

  static Duration inRange(String setting, Duration value, Duration min, Duration max) {
    Objects.requireNonNull(value, setting);
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw new IllegalArgumentException(
          setting + " " + value + " is out of range, must be from " + min + " to " + max);
    }
    return value;
  }

  /** Requires a token (RFC 9110 5.6.2): a method or a header name. */
  static String token(String setting, String value) {
    Objects.requireNonNull(value, setting);
    if (!HttpSyntax.isToken(value)) {
      throw new IllegalArgumentException(
          setting + " '" + value + "' must be a token (RFC 9110 5.6.2)");
    }
    return value;
  }

  /** Requires a field value (RFC 9110 5.5). Without control characters it cannot add a line. */
  static String fieldValue(String setting, String value) {
    Objects.requireNonNull(value, setting);
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if ((c < ' ' && c != '\t') || c == 0x7f || c > 0xff) {
        // The message must not show the value, which may be secret.
        throw new IllegalArgumentException(
            setting + " has a value with a character not allowed in headers at index " + i);
      }
    }
    return value;
  }

  static String path(String setting, String value) {
    Objects.requireNonNull(value, setting);
    if (!value.startsWith("/")) {
      throw new IllegalArgumentException(setting + " '" + value + "' must start with '/'");
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == '?' || c == '#') {
        throw new IllegalArgumentException(
            setting + " '" + value + "' must be a raw path: no query, no space, percent-encoded");
      }
    }
    return value;
  }
}
