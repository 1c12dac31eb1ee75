package io.github.requestmirror.internal.policy;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A text without its percent-encoding, character references of HTML and escapes of JSON, one level
 * of each, and where its characters were.
 */
final class UnescapedText {
  /** The longest one that is known, with a hexadecimal number. */
  private static final int MAX_REFERENCE = 10;

  private final String original;
  private final StringBuilder text = new StringBuilder();

  /** The part of the original that each character stands for. */
  private final int[] from;

  private final int[] to;

  UnescapedText(String original) {
    this.original = original;
    this.from = new int[original.length()];
    this.to = new int[original.length()];
    int start = 0;
    while (start < original.length()) {
      start =
          switch (original.charAt(start)) {
            case '%' -> percent(start);
            case '&' -> reference(start);
            case '\\' -> escape(start);
            default -> literal(start);
          };
    }
  }

  String text() {
    return text.toString();
  }

  int from(int index) {
    return from[index];
  }

  int to(int index) {
    return to[index];
  }

  private int literal(int start) {
    return add(original.substring(start, start + 1), start, start + 1);
  }

  /** Adds what stands for a part of the original, and is not longer. */
  private int add(String unescaped, int start, int end) {
    for (int i = 0; i < unescaped.length(); i++) {
      from[text.length()] = start;
      to[text.length()] = end;
      text.append(unescaped.charAt(i));
    }
    return end;
  }

  /** Several bytes in a row may be one character. */
  private int percent(int start) {
    byte[] bytes = new byte[original.length() / 3];
    int count = 0;
    int end = start;
    while (end < original.length() && original.charAt(end) == '%') {
      int value = number(end + 1, end + 3, 16);
      if (value < 0) {
        break;
      }
      bytes[count++] = (byte) value;
      end += 3;
    }
    return count == 0
        ? literal(start)
        : add(new String(bytes, 0, count, StandardCharsets.UTF_8), start, end);
  }

  private int reference(int start) {
    int end = original.indexOf(';', start);
    if (end < 0 || end - start >= MAX_REFERENCE) {
      return literal(start);
    }
    String unescaped = referenced(start + 1, end);
    return unescaped == null ? literal(start) : add(unescaped, start, end + 1);
  }

  private @Nullable String referenced(int start, int end) {
    if (original.startsWith("#", start)) {
      boolean hex = original.regionMatches(true, start + 1, "x", 0, 1);
      int codePoint = hex ? number(start + 2, end, 16) : number(start + 1, end, 10);
      return Character.isValidCodePoint(codePoint) ? Character.toString(codePoint) : null;
    }
    return switch (original.substring(start, end)) {
      case "quot" -> "\"";
      case "apos" -> "'";
      case "amp" -> "&";
      case "lt" -> "<";
      case "gt" -> ">";
      default -> null;
    };
  }

  private int escape(int start) {
    if (start + 1 == original.length()) {
      return literal(start);
    }
    char escaped = original.charAt(start + 1);
    if (escaped == 'u') {
      int value = number(start + 2, start + 6, 16);
      return value < 0 ? literal(start) : add(String.valueOf((char) value), start, start + 6);
    }
    return Character.isLetterOrDigit(escaped)
        ? literal(start)
        : add(String.valueOf(escaped), start, start + 2);
  }

  /** Returns the number in a part of the original, or -1. */
  private int number(int start, int end, int radix) {
    if (start >= end || end > original.length()) {
      return -1;
    }
    int number = 0;
    for (int i = start; i < end; i++) {
      int digit = Character.digit(original.charAt(i), radix);
      if (digit < 0) {
        return -1;
      }
      number = number * radix + digit;
    }
    return number;
  }
}
