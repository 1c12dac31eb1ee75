package io.github.requestmirror.internal.policy;

import io.github.requestmirror.Headers;
import io.github.requestmirror.internal.capture.Body;
import io.github.requestmirror.internal.capture.HeadSnapshot;
import io.github.requestmirror.internal.send.OutboundRequest;
import io.github.requestmirror.internal.send.TargetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Makes the head of a copy from the head of a request. Keeps path, query and headers unchanged and
 * in order, except for hop-by-hop headers, {@code Host}, credentials and the edits of the policy.
 * Extended only by tests.
 */
public class RequestRewriter {
  /** Headers of one connection (RFC 9110 7.6.1), and those that the sender sets. */
  private static final Set<String> HOP_BY_HOP =
      names(
          "Connection",
          "Keep-Alive",
          "Proxy-Connection",
          "Proxy-Authenticate",
          "TE",
          "Trailer",
          "Transfer-Encoding",
          "Upgrade",
          "HTTP2-Settings",
          "Content-Length",
          "Expect");

  /**
   * Headers that {@code Connection} cannot remove. Without them the target would store the copy for
   * another tenant, or could not read it. A client has no reason to name them.
   */
  private static final Set<String> END_TO_END =
      names(
          "X-Scope-OrgID",
          "X-Prometheus-Remote-Write-Version",
          "Content-Type",
          "Content-Encoding",
          "Content-Language",
          "User-Agent");

  private final List<Edit> edits;
  private final boolean forwardCredentials;
  private final Host host;
  private final boolean keepContextPath;
  private final @Nullable UnaryOperator<String> rewritePath;
  private final DenyList deny;

  public RequestRewriter(
      List<Edit> edits,
      boolean forwardCredentials,
      Host host,
      boolean keepContextPath,
      @Nullable UnaryOperator<String> rewritePath,
      DenyList deny) {
    this.edits = List.copyOf(edits);
    this.forwardCredentials = forwardCredentials;
    this.host = host;
    this.keepContextPath = keepContextPath;
    this.rewritePath = rewritePath;
    this.deny = deny;
  }

  /** A change of the copy's headers; a null value removes the header. */
  public record Edit(String name, @Nullable String value, boolean replace) {
    public static Edit set(String name, String value) {
      return new Edit(name, value, true);
    }

    public static Edit add(String name, String value) {
      return new Edit(name, value, false);
    }

    public static Edit remove(String name) {
      return new Edit(name, null, true);
    }

    /** Omits the value, which may be secret. */
    @Override
    public String toString() {
      return (value == null ? "remove " : replace ? "set " : "add ") + name;
    }
  }

  /** The {@code Host} of the copy: a literal, or that of the request or of the target. */
  public record Host(boolean keep, @Nullable String literal) {
    public static Host ofTarget() {
      return new Host(false, null);
    }

    public static Host ofRequest() {
      return new Host(true, null);
    }

    public static Host literal(String host) {
      return new Host(false, host);
    }

    @Override
    public String toString() {
      return keep ? "of request" : literal == null ? "of target" : literal;
    }
  }

  /** Returns whether a header cannot be edited, because the mirror sets it. */
  public static boolean isManaged(String name) {
    return HOP_BY_HOP.contains(name) || name.equalsIgnoreCase("Host");
  }

  /**
   * Returns the path and query of the copy, or null if the rewritten path is denied. Calls the
   * policy's function, so the thread is the primary's.
   *
   * @param target the address the copy is sent to
   * @throws RuntimeException if the function fails or the result is not a raw path and query
   */
  public @Nullable String pathAndQuery(HeadSnapshot head, TargetAddress target) {
    String path = head.rawPath();
    if (rewritePath != null) {
      path = rewritten(rewritePath.apply(path));
    }
    String prefix = target.basePath() + (keepContextPath ? requirePath(head.contextPath()) : "");
    // The target * of OPTIONS means the whole server, so it gets no base path.
    boolean prefixed = !prefix.isEmpty() && path.startsWith("/");
    if (prefixed) {
      path = prefix + path;
    }
    boolean changed = rewritePath != null || prefixed;
    if (changed && deny.denies(head.method(), path)) {
      return null;
    }
    requireSendable(path, "path");
    String query = head.rawQuery();
    if (query == null) {
      return path;
    }
    requireSendable(query, "query");
    String kept = forwardCredentials ? query : Credentials.removeFrom(query);
    return kept == null ? path : path + '?' + kept;
  }

  /**
   * Makes the copy. Does not call the application's code.
   *
   * @param pathAndQuery the result of {@link #pathAndQuery}
   * @param target the address the copy is sent to
   * @param marker the header that marks a copy
   * @throws RuntimeException if the result is not valid HTTP
   */
  public OutboundRequest copy(
      HeadSnapshot head, String pathAndQuery, Body body, TargetAddress target, String marker) {
    return new OutboundRequest(
        token(head.method()),
        pathAndQuery,
        headers(head.headers(), target, marker, body.isReencoded() ? "reencoded" : "1"),
        body);
  }

  private static String rewritten(@Nullable String path) {
    if (path == null || !path.startsWith("/")) {
      throw new IllegalStateException(
          "rewritePath returned "
              + (path == null ? "null" : "a path that does not start with '/'"));
    }
    return requirePath(path);
  }

  private static String requirePath(String path) {
    for (int i = 0; i < path.length(); i++) {
      if (path.charAt(i) == '?' || path.charAt(i) == '#') {
        throw new IllegalStateException(HttpSyntax.at(path, i, "path"));
      }
    }
    return path;
  }

  /**
   * Requires characters that can be sent in a request line unchanged: single bytes, no blanks and
   * no control characters. If the sender replaced a character, the path could become a denied one.
   */
  private static void requireSendable(String text, String part) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c == 0x7f || c > 0xff) {
        throw new IllegalStateException(HttpSyntax.at(text, i, part));
      }
    }
  }

  /**
   * Requires a token. The sender does not check methods and header names; a line break would allow
   * request smuggling.
   */
  private static String token(String name) {
    if (!HttpSyntax.isToken(name)) {
      throw new IllegalStateException("a method or header name is not a token (RFC 9110 5.6.2)");
    }
    return name;
  }

  private Headers headers(Headers from, TargetAddress target, String marker, String mark) {
    Set<String> named = namedByConnection(from);
    List<String> fields = new ArrayList<>(2 * from.size() + 8);
    add(fields, "Host", hostOf(from, target));
    for (int i = 0; i < from.size(); i++) {
      String name = from.name(i);
      boolean kept =
          !isManaged(name)
              && !named.contains(name)
              && !name.equalsIgnoreCase(marker)
              && (forwardCredentials || !Credentials.isHeader(name));
      if (kept) {
        add(fields, token(name), from.value(i));
      }
    }
    for (Edit edit : edits) {
      if (edit.replace) {
        remove(fields, edit.name);
      }
      if (edit.value != null) {
        add(fields, edit.name, edit.value);
      }
    }
    remove(fields, marker);
    add(fields, marker, mark);
    return Headers.of(fields.toArray(String[]::new));
  }

  private String hostOf(Headers from, TargetAddress target) {
    if (host.literal != null) {
      return host.literal;
    }
    String original = host.keep ? validHost(from) : null;
    return original == null ? target.authority() : original;
  }

  /** Returns the host of the request, or null if it has none, several or an invalid one. */
  private static @Nullable String validHost(Headers from) {
    List<String> hosts = from.values("Host");
    return hosts.size() == 1 && HttpSyntax.isHost(hosts.get(0)) ? hosts.get(0) : null;
  }

  private static Set<String> namedByConnection(Headers headers) {
    Set<String> named = Set.of();
    for (int i = 0; i < headers.size(); i++) {
      if (headers.name(i).equalsIgnoreCase("Connection")) {
        for (String option : headers.value(i).split(",", -1)) {
          if (named.isEmpty()) {
            named = names();
          }
          String name = option.trim();
          if (!END_TO_END.contains(name)) {
            named.add(name);
          }
        }
      }
    }
    return named;
  }

  private static void add(List<String> fields, String name, String value) {
    fields.add(name);
    fields.add(value);
  }

  private static void remove(List<String> fields, String name) {
    for (int i = fields.size() - 2; i >= 0; i -= 2) {
      if (fields.get(i).equalsIgnoreCase(name)) {
        fields.remove(i + 1);
        fields.remove(i);
      }
    }
  }

  private static Set<String> names(String... names) {
    Set<String> set = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    for (String name : names) {
      set.add(name.toLowerCase(Locale.ROOT));
    }
    return set;
  }
}
