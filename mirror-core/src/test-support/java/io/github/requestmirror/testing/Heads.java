package io.github.requestmirror.testing;

import io.github.requestmirror.Headers;
import io.github.requestmirror.RequestHead;
import org.jspecify.annotations.Nullable;

/** Creates request heads. */
public final class Heads {
  private Heads() {}

  /** Returns a head for a target with an optional query. */
  public static RequestHead head(String method, String target, String... headers) {
    int query = target.indexOf('?');
    return query < 0
        ? RequestHead.of(method, target, null, Headers.of(headers))
        : RequestHead.of(
            method, target.substring(0, query), target.substring(query + 1), Headers.of(headers));
  }

  /** Returns the head of a received request. */
  public static RequestHead of(HttpMessage request) {
    Headers.Builder headers = Headers.builder(16);
    for (String line : request.headerLines()) {
      int colon = line.indexOf(':');
      headers.add(line.substring(0, colon), line.substring(colon + 1).trim());
    }
    RequestHead parsed = head(request.method(), request.requestTarget());
    return RequestHead.of(parsed.method(), parsed.rawPath(), parsed.rawQuery(), headers.build());
  }

  /**
   * Returns a head that cannot be read, such as that of a request which its container has recycled.
   *
   * @param failure throws
   */
  public static RequestHead unreadable(Runnable failure) {
    return new RequestHead() {
      @Override
      public String method() {
        failure.run();
        return "GET";
      }

      @Override
      public String rawPath() {
        failure.run();
        return "/";
      }

      @Override
      public @Nullable String rawQuery() {
        failure.run();
        return null;
      }

      @Override
      public @Nullable String header(String name) {
        failure.run();
        return null;
      }

      @Override
      public Headers headers() {
        failure.run();
        return Headers.of();
      }
    };
  }
}
