package io.github.requestmirror;

import io.github.requestmirror.internal.policy.HttpSyntax;
import java.time.Duration;
import java.util.Objects;

/** Setting checks whose message names the setting, the value and what would be right. */
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

  /** A token of RFC 9110 5.6.2, which is what methods and header names are. */
  static String token(String setting, String value) {
    Objects.requireNonNull(value, setting);
    if (!HttpSyntax.isToken(value)) {
      throw new IllegalArgumentException(
          setting + " '" + value + "' must be a token (RFC 9110 5.6.2)");
    }
    return value;
  }

  /** A field value of RFC 9110 5.5: no control characters, so it cannot start another line. */
  static String fieldValue(String setting, String value) {
    Objects.requireNonNull(value, setting);
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if ((c < ' ' && c != '\t') || c == 0x7f || c > 0xff) {
        // The value may be a secret: say where, not what.
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
