package io.github.requestmirror.internal.decide;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/**
 * Endpoints that are never mirrored. Compares what a server would understand, not what was written:
 * percent-encoding, dot segments, doubled slashes, path parameters and case do not get past it. An
 * endpoint is denied wherever it is mounted, because gateways and clusters add path prefixes.
 */
public final class DenySet {
  /** An array, as a list's iterator would be garbage for each request. */
  private final Endpoint[] endpoints;

  public DenySet(List<Endpoint> endpoints) {
    this.endpoints = endpoints.toArray(Endpoint[]::new);
  }

  /**
   * One denied endpoint.
   *
   * @param method the method, or {@code *}
   * @param path the canonical path
   * @param subtree whether everything below is denied too
   */
  public record Endpoint(String method, String path, boolean subtree) {

    /** Reads a pattern: a path, and everything below it when it ends with {@code /*}. */
    public static Endpoint of(String method, String pattern) {
      boolean subtree = pattern.endsWith("/*");
      String path = canonical(subtree ? pattern.substring(0, pattern.length() - 2) : pattern);
      if (climbs(path)) {
        throw new IllegalArgumentException("deny '" + pattern + "' must not contain '..'");
      }
      return new Endpoint(method, subtree && path.equals("/") ? "" : path, subtree);
    }

    private boolean matches(String requestMethod, String canonicalPath, boolean climbs) {
      return (method.equals("*") || method.equalsIgnoreCase(requestMethod))
          && (climbs
              ? mayReach(canonicalPath)
              : canonicalPath.endsWith(path) || (subtree && canonicalPath.contains(path + "/")));
    }

    /**
     * Servers differ in what {@code ..} takes away: before or after doubled slashes are merged,
     * {@code %2F} decoded and parameters cut. But it only takes away, so whatever is left is a
     * subsequence of what was written.
     */
    private boolean mayReach(String canonicalPath) {
      Iterator<String> written = List.of(canonicalPath.split("/", -1)).iterator();
      for (String segment : path.split("/", -1)) {
        boolean found = segment.isEmpty();
        while (!found && written.hasNext()) {
          found = written.next().equals(segment);
        }
        if (!found) {
          return false;
        }
      }
      return true;
    }
  }

  public boolean denies(String method, String rawPath) {
    if (endpoints.length == 0) {
      return false;
    }
    String path = canonical(rawPath);
    boolean climbs = climbs(path);
    for (Endpoint endpoint : endpoints) {
      if (endpoint.matches(method, path, climbs)) {
        return true;
      }
    }
    return false;
  }

  private static boolean climbs(String canonicalPath) {
    return canonicalPath.contains("/../") || canonicalPath.endsWith("/..");
  }

  /** Undoes every way to write a path differently, save that {@code ..} stays. */
  static String canonical(String rawPath) {
    if (isCanonical(rawPath)) {
      return rawPath;
    }
    String path = rawPath;
    // A proxy before the target may decode once more than the target does.
    for (int i = 0; i < 3 && path.indexOf('%') >= 0; i++) {
      path = decode(path);
    }
    List<String> segments = new ArrayList<>();
    for (String segment : path.toLowerCase(Locale.ROOT).replace('\\', '/').split("/", -1)) {
      int parameters = segment.indexOf(';');
      String name = parameters < 0 ? segment : segment.substring(0, parameters);
      if (!name.isEmpty() && !name.equals(".")) {
        segments.add(name);
      }
    }
    return "/" + String.join("/", segments);
  }

  /** Whether nothing needs to be rewritten; the common case, which must not allocate. */
  private static boolean isCanonical(String path) {
    char previous = 0;
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      boolean segmentStart = previous == '/';
      if (c == '%' || c == ';' || c == '\\' || c >= 0x7f || (c >= 'A' && c <= 'Z')) {
        return false;
      }
      if (segmentStart && (c == '/' || c == '.')) {
        return false;
      }
      previous = c;
    }
    return path.length() > 1 && path.charAt(0) == '/' && previous != '/';
  }

  private static String decode(String path) {
    byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
    int length = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '%' && i + 2 < bytes.length) {
        int high = Character.digit(bytes[i + 1], 16);
        int low = Character.digit(bytes[i + 2], 16);
        if (high >= 0 && low >= 0) {
          bytes[length++] = (byte) (high << 4 | low);
          i += 2;
          continue;
        }
      }
      bytes[length++] = bytes[i];
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }
}
