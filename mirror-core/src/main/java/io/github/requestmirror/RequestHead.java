package io.github.requestmirror;

import io.github.requestmirror.internal.capture.HeadSnapshot;
import org.jspecify.annotations.Nullable;

/**
 * A request without its body, as it arrived.
 *
 * <p>Adapters give a view of their native request, which is read on the primary's thread only and
 * copied once a policy wants the request. Nothing is decoded: path and query are the bytes of the
 * request line.
 */
public interface RequestHead {

  /**
   * Returns the method, in the case it was sent in.
   *
   * @return for example {@code POST}
   */
  String method();

  /**
   * Returns the path as sent, percent-encoding and all, below {@link #contextPath()}.
   *
   * @return the raw path, starting with a slash
   */
  String rawPath();

  /**
   * Returns the start of the path that names the deployed application and not the endpoint: the
   * context path of a servlet application (Jakarta Servlet 6.0, 3.5). Policies match the path below
   * it; {@link MirrorPolicy.Builder#keepContextPath()} decides whether the copy has it.
   *
   * @return the raw context path as sent, without a slash at its end; empty, the default, where the
   *     application has the whole path
   */
  default String contextPath() {
    return "";
  }

  /**
   * Returns the query as sent.
   *
   * @return the raw query without its question mark; empty when there was only the question mark;
   *     null when there was none
   */
  @Nullable String rawQuery();

  /**
   * Returns the first value of a header.
   *
   * @param name the header's name in any case
   * @return the first value, or null when the header is absent
   */
  @Nullable String header(String name);

  /**
   * Returns all headers in the order of arrival, repeats kept. May copy; policies that only look at
   * one header use {@link #header(String)}.
   *
   * @return the headers
   */
  Headers headers();

  /**
   * Returns an immutable head, for tests of predicates and for adapters that have no request object
   * to view.
   *
   * @param method the method
   * @param rawPath the path as sent
   * @param rawQuery the query as sent, or null
   * @param headers the headers
   * @return the head
   */
  static RequestHead of(String method, String rawPath, @Nullable String rawQuery, Headers headers) {
    return new HeadSnapshot(method, "", rawPath, rawQuery, headers);
  }
}
