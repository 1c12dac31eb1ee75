package io.github.requestmirror.internal.policy;

import io.github.requestmirror.Headers;
import io.github.requestmirror.MirrorTraceContext;
import io.github.requestmirror.internal.policy.RequestRewriter.Edit;
import io.github.requestmirror.internal.policy.RequestRewriter.Host;
import io.github.requestmirror.internal.send.TargetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Makes the headers of a copy from those of a request: all of them, unchanged and in order, except
 * for hop-by-hop headers, {@code Host}, credentials, the trace context and the edits of the policy.
 * Thread-safe.
 */
final class HeaderRewriter {
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

  private final boolean forwardCredentials;
  private final MirrorTraceContext traceContext;
  private final Host host;
  private final Set<String> replaced = names();
  private final Headers added;
  private final NameCache<Boolean> kept = new NameCache<>(this::keeps);

  HeaderRewriter(
      List<Edit> edits, boolean forwardCredentials, MirrorTraceContext traceContext, Host host) {
    this.forwardCredentials = forwardCredentials;
    this.traceContext = traceContext;
    this.host = host;
    List<String> fields = new ArrayList<>();
    for (Edit edit : edits) {
      if (edit.replace()) {
        replaced.add(edit.name());
        remove(fields, edit.name());
      }
      if (edit.value() != null) {
        fields.add(edit.name());
        fields.add(edit.value());
      }
    }
    this.added = Headers.of(fields.toArray(String[]::new));
    // A class that fails to initialize for lack of memory could never be used again.
    boolean ignored = Credentials.isHeader("") || TraceHeaders.isTraceHeader("");
  }

  /** Returns the values of the policy that may be secret although their names do not say so. */
  List<String> otherSecrets() {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < added.size(); i++) {
      if (!END_TO_END.contains(added.name(i)) && !Credentials.isHeader(added.name(i))) {
        values.add(added.value(i));
      }
    }
    return values;
  }

  /** Returns whether a header cannot be edited, because the mirror sets it. */
  static boolean isManaged(String name) {
    return HOP_BY_HOP.contains(name) || name.equalsIgnoreCase("Host");
  }

  /**
   * Returns the headers of the copy.
   *
   * @param marker the name of the header that marks a copy
   * @param mark its value
   * @throws RuntimeException if a name is not a token
   */
  Headers rewrite(Headers from, TargetAddress target, String marker, String mark) {
    Set<String> named = namedByConnection(from);
    Headers.Builder headers = Headers.builder(from.size() + added.size() + 2);
    headers.add("Host", hostOf(from, target));
    for (int i = 0; i < from.size(); i++) {
      String name = from.name(i);
      if (!name.equalsIgnoreCase(marker) && !named.contains(name) && kept.get(name)) {
        headers.add(name, from.value(i));
      }
    }
    if (traceContext == MirrorTraceContext.UNSAMPLED) {
      TraceHeaders.addUnsampled(
          from, name -> !named.contains(name) && !replaced.contains(name), headers);
    }
    for (int i = 0; i < added.size(); i++) {
      if (!added.name(i).equalsIgnoreCase(marker)) {
        headers.add(added.name(i), added.value(i));
      }
    }
    return headers.add(marker, mark).build();
  }

  private boolean keeps(String name) {
    boolean keeps =
        !isManaged(name)
            && !replaced.contains(name)
            && (forwardCredentials || !Credentials.isHeader(name))
            && (traceContext == MirrorTraceContext.KEEP || !TraceHeaders.isTraceHeader(name));
    if (keeps) {
      HttpSyntax.requireToken(name);
    }
    return keeps;
  }

  private String hostOf(Headers from, TargetAddress target) {
    if (host.literal() != null) {
      return host.literal();
    }
    String original = host.keep() ? validHost(from) : null;
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
