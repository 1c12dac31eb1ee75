package io.github.requestmirror.internal.policy;

import io.github.requestmirror.MirrorOrder;
import io.github.requestmirror.RequestHead;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the order of a copy. Requests that change nothing need no order: those with a safe method
 * (RFC 9110 9.2.1), and those to read-only endpoints, such as the queries that Grafana sends by
 * POST. With an order, slow queries would delay the writes of their tenant. Immutable.
 */
public final class OrderChoice {
  private final @Nullable MirrorOrder fixed;
  private final ReadOnlyPath[] readOnlyPaths;

  /**
   * @param fixed the order of every copy, or null to choose by method and path
   * @param readOnlyPaths path patterns of read-only endpoints
   */
  public OrderChoice(@Nullable MirrorOrder fixed, List<String> readOnlyPaths) {
    this.fixed = fixed;
    this.readOnlyPaths = readOnlyPaths.stream().map(ReadOnlyPath::of).toArray(ReadOnlyPath[]::new);
  }

  public MirrorOrder of(RequestHead head) {
    if (fixed != null) {
      return fixed;
    }
    return switch (head.method()) {
      case "GET", "HEAD", "OPTIONS" -> MirrorOrder.NONE;
      default -> isReadOnly(head.rawPath()) ? MirrorOrder.NONE : MirrorOrder.CAUSAL;
    };
  }

  private boolean isReadOnly(String rawPath) {
    for (ReadOnlyPath path : readOnlyPaths) {
      if (path.matches(rawPath)) {
        return true;
      }
    }
    return false;
  }

  /**
   * The end of a path. Compared byte for byte: a query with another spelling of the path is
   * ordered, which is slower but correct.
   *
   * @param parent the part before the segment that {@code *} matches; null without {@code *}
   * @param end the part at the end
   */
  private record ReadOnlyPath(@Nullable String parent, String end) {

    static ReadOnlyPath of(String pattern) {
      int open = pattern.indexOf("/*/");
      return open < 0
          ? new ReadOnlyPath(null, pattern)
          : new ReadOnlyPath(pattern.substring(0, open), pattern.substring(open + 2));
    }

    boolean matches(String path) {
      if (!path.endsWith(end)) {
        return false;
      }
      int segment = path.lastIndexOf('/', path.length() - end.length() - 1);
      return parent == null
          || (segment >= parent.length()
              && path.startsWith(parent, segment - parent.length())
              && segment + 1 < path.length() - end.length());
    }
  }
}
