package io.github.requestmirror.servlet;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/**
 * Finds the end of the context path in a request URI. Some containers report the context path as
 * configured, others as sent by the client, others decoded, so the two can differ in
 * percent-encoding, doubled slashes, dots and path parameters.
 */
final class ContextPath {
  private ContextPath() {}

  /**
   * Returns the length of the context path within the URI, in characters.
   *
   * @param rawUri the path as sent
   * @param contextPath as the container reports it; empty for the root context
   * @return 0 for the root context, and if the context path cannot be recognized in the URI, for
   *     example because of {@code ..}
   */
  static int lengthIn(String rawUri, String contextPath) {
    int length = contextPath.length();
    if (length <= 1) {
      return 0;
    }
    if (rawUri.startsWith(contextPath)
        && (rawUri.length() == length || rawUri.charAt(length) == '/')) {
      return length;
    }
    return lengthOfSegments(rawUri, contextPath);
  }

  private static int lengthOfSegments(String rawUri, String contextPath) {
    int end = 0;
    for (String segment : contextPath.split("/", -1)) {
      String wanted = name(segment);
      String found = "";
      while (!wanted.isEmpty() && found.isEmpty()) {
        if (end >= rawUri.length()) {
          return 0;
        }
        int start = end + 1;
        int slash = rawUri.indexOf('/', start);
        end = slash < 0 ? rawUri.length() : slash;
        found = name(rawUri.substring(start, end));
      }
      if (!found.equals(wanted)) {
        return 0;
      }
    }
    return end;
  }

  /** Returns the decoded segment without its parameters; empty for {@code .} and empty segments. */
  private static String name(String segment) {
    int parameters = segment.indexOf(';');
    String name = parameters < 0 ? segment : segment.substring(0, parameters);
    if (name.indexOf('%') >= 0) {
      try {
        name = URLDecoder.decode(name.replace("+", "%2B"), StandardCharsets.UTF_8);
      } catch (IllegalArgumentException e) {
        return name;
      }
    }
    return name.equals(".") ? "" : name;
  }
}
