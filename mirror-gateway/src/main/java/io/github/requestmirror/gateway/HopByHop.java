package io.github.requestmirror.gateway;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;

/** The headers that belong to a connection and are not forwarded (RFC 9110 7.6.1). */
final class HopByHop {
  private static final List<String> ALWAYS =
      List.of(
          "Connection",
          "Keep-Alive",
          "Proxy-Authenticate",
          "Proxy-Authorization",
          "Proxy-Connection",
          "TE",
          "Trailer",
          "Transfer-Encoding",
          "Upgrade");

  /**
   * Headers that {@code Connection} cannot remove, as in the copy. RFC 9110 7.6.1 forbids a client
   * to name them. Without them the primary would serve the request for another tenant, or could not
   * read it.
   */
  private static final List<String> END_TO_END =
      List.of(
          "X-Scope-OrgID",
          "X-Prometheus-Remote-Write-Version",
          "Content-Type",
          "Content-Encoding",
          "Content-Language",
          "User-Agent");

  private HopByHop() {}

  /** Returns the names, in any case, of the headers of a message that are not forwarded. */
  static Set<String> of(HttpFields fields) {
    Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    names.addAll(fields.getCSV(HttpHeader.CONNECTION, false));
    END_TO_END.forEach(names::remove);
    names.addAll(ALWAYS);
    return names;
  }
}
