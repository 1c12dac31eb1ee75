package io.github.requestmirror.internal.policy;

/** Rules of HTTP's grammar that settings and copies must keep. */
public final class HttpSyntax {
  private HttpSyntax() {}

  /** Tells whether this is a token (RFC 9110 5.6.2): a method or a header name. */
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
