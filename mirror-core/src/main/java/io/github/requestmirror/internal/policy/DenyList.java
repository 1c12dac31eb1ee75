package io.github.requestmirror.internal.policy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Endpoints that are never mirrored. Compares normalized paths, so that no other spelling of a path
 * bypasses the list: nested percent-encoding, an encoded query or control character, dot segments,
 * double slashes, path parameters, upper case. Ignores path prefixes, because gateways and clusters
 * add them.
 */
public final class DenyList {
  private static final Pattern BLANKS = Pattern.compile("[\\x00-\\x20\\x7f]");

  private static final int GROUPS = 64;
  private static final String ALL_METHODS = "*";
  private static final Verdict ORDINARY = new Verdict(true, List.of());

  /**
   * What the list says of a path.
   *
   * @param isOrdinary as in {@link #isOrdinary}
   * @param methods for which it is denied
   */
  private record Verdict(boolean isOrdinary, List<String> methods) {}

  private final List<Endpoint> endpoints;

  private final PathFilter filter;
  private final NameCache<Verdict> verdicts = new NameCache<>(this::look);

  /** The endpoints by the first character of their path, because there may be dozens. */
  private final Endpoint[][] groups = new Endpoint[GROUPS][];

  public DenyList(List<Endpoint> endpoints) {
    this.endpoints = List.copyOf(endpoints);
    this.filter = new PathFilter(this.endpoints.stream().map(Endpoint::path).toList());
    for (int i = 0; i < GROUPS; i++) {
      int group = i;
      groups[i] =
          this.endpoints.stream()
              .filter(endpoint -> endpoint.path.isEmpty() || group(endpoint.path, 0) == group)
              .toArray(Endpoint[]::new);
    }
  }

  /** Returns the group of the endpoints whose path may start at this slash. */
  private static int group(String path, int slash) {
    return slash + 1 < path.length() ? path.charAt(slash + 1) % GROUPS : 0;
  }

  /**
   * One denied endpoint.
   *
   * @param method the method, or {@code *}
   * @param path the canonical path
   * @param subtree whether all paths below are denied too
   */
  public record Endpoint(String method, String path, boolean subtree) {

    /** Parses a pattern: a path, which includes all paths below it if it ends with {@code /*}. */
    public static Endpoint of(String method, String pattern) {
      boolean subtree = pattern.endsWith("/*");
      String path =
          canonical(decode(subtree ? pattern.substring(0, pattern.length() - 2) : pattern));
      if (climbs(path)) {
        throw new IllegalArgumentException("deny '" + pattern + "' must not contain '..'");
      }
      return new Endpoint(method, subtree && path.equals("/") ? "" : path, subtree);
    }

    /** Returns whether this endpoint starts at a slash of the path. */
    private boolean startsAt(String canonicalPath, int slash) {
      int end = slash + path.length();
      return canonicalPath.startsWith(path, slash)
          && (end == canonicalPath.length() || (subtree && canonicalPath.charAt(end) == '/'));
    }

    /**
     * Returns whether a path with {@code ..} may resolve to this endpoint. Servers differ: they
     * resolve {@code ..} before or after merging slashes, decoding {@code %2F} and removing
     * parameters. But resolving only removes segments, so the result is always a subsequence of the
     * given segments.
     */
    private boolean mayReach(String canonicalPath) {
      Iterator<String> given = List.of(canonicalPath.split("/", -1)).iterator();
      for (String segment : path.split("/", -1)) {
        boolean found = segment.isEmpty();
        while (!found && given.hasNext()) {
          found = given.next().equals(segment);
        }
        if (!found) {
          return false;
        }
      }
      return true;
    }
  }

  /**
   * Returns whether a path that is not long starts with a slash, is normalized, contains no query
   * or fragment, and is denied for no method. Nearly all are, and to know it saves other tests.
   */
  public boolean isOrdinary(String rawPath) {
    return NameCache.remembers(rawPath) && verdicts.get(rawPath).isOrdinary;
  }

  public boolean denies(String method, String rawPath) {
    List<String> denied = verdicts.get(rawPath).methods;
    for (int i = 0; i < denied.size(); i++) {
      if (denied.get(i).equals(ALL_METHODS) || denied.get(i).equalsIgnoreCase(method)) {
        return true;
      }
    }
    return false;
  }

  private Verdict look(String rawPath) {
    PathFilter.Look look = filter.look(rawPath);
    if (look == PathFilter.Look.ALLOWED) {
      return ORDINARY;
    }
    Set<String> methods = new HashSet<>();
    if (look == PathFilter.Look.CANONICAL) {
      addContained(rawPath, methods);
      if (methods.isEmpty()) {
        return ORDINARY;
      }
    } else if (!endpoints.isEmpty()) {
      String decoded = decode(rawPath);
      addReached(canonical(decoded), methods);
      int end = endOfPath(decoded);
      if (end < decoded.length()) {
        addReached(canonical(decoded.substring(0, end)), methods);
      }
    }
    return new Verdict(false, List.copyOf(methods));
  }

  private void addReached(String canonicalPath, Set<String> methods) {
    if (!climbs(canonicalPath)) {
      addContained(canonicalPath, methods);
      return;
    }
    for (Endpoint endpoint : endpoints) {
      if (endpoint.mayReach(canonicalPath)) {
        methods.add(endpoint.method);
      }
    }
  }

  private void addContained(String canonicalPath, Set<String> methods) {
    for (int slash = 0; slash >= 0; slash = canonicalPath.indexOf('/', slash + 1)) {
      for (Endpoint endpoint : groups[group(canonicalPath, slash)]) {
        if (endpoint.startsAt(canonicalPath, slash)) {
          methods.add(endpoint.method);
        }
      }
    }
  }

  /**
   * Returns the end of the path as seen by a server that decodes before it splits off the query, or
   * that truncates strings at control characters.
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

  /** Normalizes a decoded path; keeps {@code ..} segments. */
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

  /**
   * Decodes nested percent-encoding completely, because each proxy before the target may decode
   * once. Makes one pass over the bytes: decoding repeatedly would take quadratic time in the
   * length of the path, which the client chooses.
   */
  static String decode(String path) {
    byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
    int length = 0;
    for (byte next : bytes) {
      bytes[length++] = next;
      // A decoded byte may complete an earlier escape, as in %2525.
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
