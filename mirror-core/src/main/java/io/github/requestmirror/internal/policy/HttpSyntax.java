package io.github.requestmirror.internal.policy;

import java.util.Locale;

/** Checks of HTTP syntax for settings and copies. */
public final class HttpSyntax {
  private static final boolean[] IN_TOKEN = inToken();

  private HttpSyntax() {}

  /** Returns whether the text is a token (RFC 9110 5.6.2), as methods and header names are. */
  public static boolean isToken(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= IN_TOKEN.length || !IN_TOKEN[c]) {
        return false;
      }
    }
    return !text.isEmpty();
  }

  /**
   * Requires a token. The sender does not check methods and header names; a line break would allow
   * request smuggling.
   */
  static String requireToken(String name) {
    if (!isToken(name)) {
      throw new IllegalStateException("a method or header name is not a token (RFC 9110 5.6.2)");
    }
    return name;
  }

  private static boolean[] inToken() {
    boolean[] inToken = new boolean[0x7f];
    for (char c = '!'; c < inToken.length; c++) {
      inToken[c] = "\"(),/:;<=>?@[\\]{}".indexOf(c) < 0;
    }
    return inToken;
  }

  /**
   * Returns whether the text is a host with an optional port, as the value of {@code Host} is (RFC
   * 9110 7.2). Of IPv6 addresses only the characters are checked.
   */
  public static boolean isHost(String text) {
    int end = text.startsWith("[") ? endOfIpLiteral(text) : endOfName(text);
    if (end <= 0) {
      return false;
    }
    if (end == text.length()) {
      return true;
    }
    if (text.charAt(end) != ':') {
      return false;
    }
    for (int i = end + 1; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  private static int endOfIpLiteral(String text) {
    int i = 1;
    while (i < text.length() && (isHexDigit(text.charAt(i)) || ":.".indexOf(text.charAt(i)) >= 0)) {
      i++;
    }
    return i > 1 && i < text.length() && text.charAt(i) == ']' ? i + 1 : -1;
  }

  /** The reg-name of RFC 3986 3.2.2, which includes IPv4 addresses. */
  private static int endOfName(String text) {
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i);
      if (c == '%') {
        if (i + 2 >= text.length()
            || !isHexDigit(text.charAt(i + 1))
            || !isHexDigit(text.charAt(i + 2))) {
          return -1;
        }
        i += 3;
      } else if (isLetterOrDigit(c) || "-._~!$&'()*+,;=".indexOf(c) >= 0) {
        i++;
      } else {
        break;
      }
    }
    return i;
  }

  private static boolean isLetterOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }

  private static boolean isHexDigit(char c) {
    return c < 0x80 && Character.digit(c, 16) >= 0;
  }

  /**
   * Describes a character that is not allowed. Messages are logged, and the text of a request may
   * contain secrets, so they contain nothing else of it.
   */
  static String at(String text, int position, String part) {
    return String.format(
        Locale.ROOT,
        "character 0x%02x at position %d of the %s is not allowed",
        (int) text.charAt(position),
        position,
        part);
  }
}
