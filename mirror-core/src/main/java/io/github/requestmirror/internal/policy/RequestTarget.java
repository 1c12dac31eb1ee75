package io.github.requestmirror.internal.policy;

import io.github.requestmirror.Headers;
import io.github.requestmirror.RequestHead;
import org.jspecify.annotations.Nullable;

/**
 * Reduces the forms of a request target (RFC 9112 3.2) to those that policies match and copies
 * have: a path that starts with a slash, or the {@code *} of OPTIONS.
 */
public final class RequestTarget {
  private RequestTarget() {}

  /**
   * Returns the head with a path of origin-form or asterisk-form. An empty path becomes a slash.
   * Absolute-form is reduced to its path, and its authority replaces {@code Host}, as RFC 9112
   * 3.2.2 requires. Does not allocate if nothing is to be reduced.
   *
   * @throws IllegalArgumentException if the target has another form, or if its path contains a
   *     query or fragment; the message contains no text of the request
   */
  public static RequestHead normalized(RequestHead head) {
    String path = head.rawPath();
    if (path.startsWith("/")) {
      requirePath(path);
      return head;
    }
    if (path.isEmpty()) {
      return new Reduced(head, "/", null);
    }
    if (path.equals("*")) {
      if (head.method().equals("OPTIONS")) {
        return head;
      }
      throw new IllegalArgumentException("the request target * is valid for OPTIONS only");
    }
    return ofAbsoluteForm(head, path);
  }

  private static RequestHead ofAbsoluteForm(RequestHead head, String uri) {
    int start = afterScheme(uri);
    if (start < 0) {
      throw new IllegalArgumentException(
          "the request target is neither a path nor a URI with the scheme http or https");
    }
    requirePath(uri);
    int slash = uri.indexOf('/', start);
    int end = slash < 0 ? uri.length() : slash;
    String authority = uri.substring(start, end);
    if (!HttpSyntax.isHost(authority)) {
      throw new IllegalArgumentException(
          "the authority of the request target is not a host with an optional port");
    }
    return new Reduced(head, slash < 0 ? "/" : uri.substring(slash), authority);
  }

  private static int afterScheme(String uri) {
    for (String scheme : new String[] {"http://", "https://"}) {
      if (uri.regionMatches(true, 0, scheme, 0, scheme.length())) {
        return scheme.length();
      }
    }
    return -1;
  }

  /** A server would end the path there, so that the deny list would see another path. */
  private static void requirePath(String path) {
    // Faster than indexOf, which pays for long texts.
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '?' || c == '#') {
        throw new IllegalArgumentException(HttpSyntax.at(path, i, "path"));
      }
    }
  }

  /** A head with another path, and another Host if there is an authority. */
  private record Reduced(RequestHead head, String rawPath, @Nullable String authority)
      implements RequestHead {
    private static final String HOST = "Host";

    @Override
    public String method() {
      return head.method();
    }

    @Override
    public String contextPath() {
      return head.contextPath();
    }

    @Override
    public @Nullable String rawQuery() {
      return head.rawQuery();
    }

    @Override
    public @Nullable String header(String name) {
      return authority != null && name.equalsIgnoreCase(HOST) ? authority : head.header(name);
    }

    @Override
    public Headers headers() {
      Headers fields = head.headers();
      if (authority == null) {
        return fields;
      }
      Headers.Builder headers = Headers.builder(fields.size() + 1).add(HOST, authority);
      for (int i = 0; i < fields.size(); i++) {
        if (!fields.name(i).equalsIgnoreCase(HOST)) {
          headers.add(fields.name(i), fields.value(i));
        }
      }
      return headers.build();
    }

    /** Omits query and header values, which may be secret. */
    @Override
    public String toString() {
      return head.method() + ' ' + rawPath;
    }
  }
}
