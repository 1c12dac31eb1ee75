package io.github.requestmirror.internal.policy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Endpoints that are never mirrored. Compares what a server would understand, not what was written:
 * percent-encoding of any depth, an encoded query or control character, dot segments, doubled
 * slashes, path parameters and case do not get past it. An endpoint is denied wherever it is
 * mounted, because gateways and clusters add path prefixes.
 */
public final class DenyList {
  private static final String NOT_CANONICAL = "%;\\?#";
  private static final Pattern BLANKS = Pattern.compile("[\\x00-\\x20\\x7f]");

  /** An array, as a list's iterator would be garbage for each request. */
  private final Endpoint[] endpoints;

  public DenyList(List<Endpoint> endpoints) {
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
      String path =
          canonical(decode(subtree ? pattern.substring(0, pattern.length() - 2) : pattern));
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
    if (isCanonical(rawPath)) {
      return deniesCanonical(method, rawPath);
    }
    String decoded = decode(rawPath);
    int end = endOfPath(decoded);
    return deniesCanonical(method, canonical(decoded))
        || (end < decoded.length()
            && deniesCanonical(method, canonical(decoded.substring(0, end))));
  }

  private boolean deniesCanonical(String method, String path) {
    boolean climbs = climbs(path);
    for (Endpoint endpoint : endpoints) {
      if (endpoint.matches(method, path, climbs)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Where a server ends the path that decodes it before it looks for the query, or that keeps it in
   * a string which ends at a control character.
   */
  private static int endOfPath(String decoded) {
    for (int i = 0; i < decoded.length(); i++) {
      char c = decoded.charAt(i);
      if (c == '?' || c == '#' || isBlank(c)) {
        return i;
      }
    }
    return decoded.length();
  }

  private static boolean isBlank(char c) {
    return c <= ' ' || c == 0x7f;
  }

  private static boolean climbs(String canonicalPath) {
    return canonicalPath.contains("/../") || canonicalPath.endsWith("/..");
  }

  /** Undoes every way to write a decoded path differently, except that {@code ..} stays. */
  private static String canonical(String decoded) {
    List<String> segments = new ArrayList<>();
    // Some servers remove blanks and control characters.
    String path = BLANKS.matcher(decoded.toLowerCase(Locale.ROOT)).replaceAll("");
    for (String segment : path.replace('\\', '/').split("/", -1)) {
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
      if (NOT_CANONICAL.indexOf(c) >= 0 || c <= ' ' || c >= 0x7f || (c >= 'A' && c <= 'Z')) {
        return false;
      }
      if (segmentStart && (c == '/' || c == '.')) {
        return false;
      }
      previous = c;
    }
    return path.length() > 1 && path.charAt(0) == '/' && previous != '/';
  }

  /**
   * Decodes until nothing is left to decode, because each proxy before the target may decode once.
   * One pass over the bytes: decoding again and again would take a time that grows with the square
   * of the path's length, which the client chooses.
   */
  static String decode(String path) {
    byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
    int length = 0;
    for (byte next : bytes) {
      bytes[length++] = next;
      // What is decoded may complete an earlier escape, as the 25 of %2525 does.
      while (length >= 3 && bytes[length - 3] == '%') {
        int high = Character.digit(bytes[length - 2], 16);
        int low = Character.digit(bytes[length - 1], 16);
        if (high < 0 || low < 0) {
          break;
        }
        length -= 2;
        bytes[length - 1] = (byte) (high << 4 | low);
      }
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }
}
