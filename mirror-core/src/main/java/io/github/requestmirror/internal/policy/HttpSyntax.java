package io.github.requestmirror.internal.policy;

/** Checks of HTTP syntax for settings and copies. */
public final class HttpSyntax {
  private HttpSyntax() {}

  /** Returns whether the text is a token (RFC 9110 5.6.2), as methods and header names are. */
  public static boolean isToken(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c >= 0x7f || "\"(),/:;<=>?@[\\]{}".indexOf(c) >= 0) {
        return false;
      }
    }
    return !text.isEmpty();
  }
}
