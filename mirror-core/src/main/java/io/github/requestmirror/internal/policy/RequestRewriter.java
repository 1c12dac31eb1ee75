package io.github.requestmirror.internal.policy;

import io.github.requestmirror.Headers;
import io.github.requestmirror.MirrorTraceContext;
import io.github.requestmirror.internal.capture.Body;
import io.github.requestmirror.internal.capture.HeadSnapshot;
import io.github.requestmirror.internal.send.OutboundRequest;
import io.github.requestmirror.internal.send.TargetAddress;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Makes the head of a copy from the head of a request. Keeps path and query unchanged, except for
 * credentials and what the policy rewrites. Extended only by tests.
 */
public class RequestRewriter {
  private final HeaderRewriter headers;
  private final EchoMask echoMask;
  private final boolean forwardCredentials;
  private final boolean keepContextPath;
  private final @Nullable UnaryOperator<String> rewritePath;
  private final DenyList deny;

  public RequestRewriter(
      List<Edit> edits,
      boolean forwardCredentials,
      MirrorTraceContext traceContext,
      Host host,
      boolean keepContextPath,
      @Nullable UnaryOperator<String> rewritePath,
      DenyList deny) {
    this.headers = new HeaderRewriter(edits, forwardCredentials, traceContext, host);
    this.echoMask = new EchoMask(headers.otherSecrets());
    this.forwardCredentials = forwardCredentials;
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
    return HeaderRewriter.isManaged(name);
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
    String method = HttpSyntax.requireToken(head.method());
    String mark = body.isReencoded() ? "reencoded" : "1";
    Headers rewritten = headers.rewrite(head.headers(), target, marker, mark);
    return new OutboundRequest(method, pathAndQuery, rewritten, body);
  }

  /**
   * Returns the start of the text of a response, without the secrets of the request.
   *
   * @param sent the request
   * @param text in one line
   * @param cut whether the text is the start of a longer one
   */
  public String withoutSecrets(OutboundRequest sent, String text, boolean cut) {
    return echoMask.mask(sent, text, cut);
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
}
