package io.github.requestmirror;

import io.github.requestmirror.internal.capture.HeadSnapshot;
import org.jspecify.annotations.Nullable;

/**
 * The method, target and headers of a request, as received.
 *
 * <p>Adapters implement it as a view of their native request. It is read only on the primary's
 * thread, and copied when a policy selects the request. Nothing is decoded: path and query are
 * those of the request line.
 */
public interface RequestHead {

  /** Returns the method as received, for example {@code POST}. */
  String method();

  /**
   * Returns the raw path, percent-encoded as received, without {@link #contextPath()} and query.
   *
   * <p>Starts with a slash, except for the target {@code *} of OPTIONS. Adapters may also return an
   * empty path, or the absolute form {@code http://host/path} of the request line (RFC 9112 3.2);
   * policies and listeners then see {@code /}, or the path of that URI and its authority as {@code
   * Host}. A request with anything else, or with {@code ?} or {@code #} in the path, counts as
   * {@link Outcome#POLICY_ERROR}.
   */
  String rawPath();

  /**
   * Returns the raw context path of a servlet application (Jakarta Servlet 6.0, 3.5), without a
   * trailing slash. Empty by default and for root applications. Policies match the path after it;
   * {@link MirrorPolicy.Builder#keepContextPath()} keeps it in copies.
   */
  default String contextPath() {
    return "";
  }

  /**
   * Returns the raw query as received, without the question mark. Empty if there was only a
   * question mark, null if there was none.
   */
  @Nullable String rawQuery();

  /**
   * Returns the value of the first field with a name, or null if there is none.
   *
   * @param name the name in any case
   */
  @Nullable String header(String name);

  /**
   * Returns the value of {@code Content-Length} (RFC 9110 8.6), or -1 if it is absent or invalid.
   * Parses the header by default; an adapter may know the number already.
   */
  default long contentLength() {
    String value = header("Content-Length");
    if (value == null) {
      return -1;
    }
    try {
      return Math.max(-1, Long.parseLong(value.trim()));
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /**
   * Returns all header fields in the order received. May copy them; use {@link #header(String)} to
   * read a single header.
   */
  Headers headers();

  /**
   * Returns an immutable head, for tests of policies and for adapters without a native request
   * object.
   *
   * @param method the method
   * @param rawPath the raw path
   * @param rawQuery the raw query, or null
   * @param headers the headers
   */
  static RequestHead of(String method, String rawPath, @Nullable String rawQuery, Headers headers) {
    return new HeadSnapshot(method, "", rawPath, rawQuery, headers);
  }
}
