package io.github.requestmirror.internal.policy;

import java.util.function.UnaryOperator;

/** Replaces the first segments of a path. Immutable. */
public final class PathPrefix implements UnaryOperator<String> {
  private final String prefix;
  private final String replacement;

  public PathPrefix(String prefix, String replacement) {
    this.prefix = withoutSlashAtEnd(prefix);
    this.replacement = withoutSlashAtEnd(replacement);
  }

  private static String withoutSlashAtEnd(String path) {
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  @Override
  public String apply(String path) {
    int end = prefix.length();
    if (!path.startsWith(prefix) || (path.length() > end && path.charAt(end) != '/')) {
      return path;
    }
    String replaced = replacement + path.substring(end);
    return replaced.isEmpty() ? "/" : replaced;
  }
}
