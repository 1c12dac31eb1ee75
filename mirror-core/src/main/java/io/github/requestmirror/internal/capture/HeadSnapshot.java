package io.github.requestmirror.internal.capture;

import io.github.requestmirror.Headers;
import io.github.requestmirror.RequestHead;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An immutable copy of a request head, independent of the native request. */
public record HeadSnapshot(
    String method, String contextPath, String rawPath, @Nullable String rawQuery, Headers headers)
    implements RequestHead {

  private static final int FIELD_BYTES = 5 * Integer.BYTES;
  private static final int HEADERS_FIELD_BYTES = 2 * Integer.BYTES;

  public HeadSnapshot {
    Objects.requireNonNull(method, "method");
    Objects.requireNonNull(contextPath, "contextPath");
    Objects.requireNonNull(rawPath, "rawPath");
    Objects.requireNonNull(headers, "headers");
  }

  public static HeadSnapshot of(RequestHead head) {
    return head instanceof HeadSnapshot snapshot
        ? snapshot
        : new HeadSnapshot(
            head.method(), head.contextPath(), head.rawPath(), head.rawQuery(), head.headers());
  }

  @Override
  public @Nullable String header(String name) {
    return headers.first(name);
  }

  /** Omits query and header values, which may be secret. */
  @Override
  public String toString() {
    return method + ' ' + contextPath + rawPath;
  }

  /**
   * Returns the memory of this head, in bytes. Counts each string, although the request may use it
   * as well: the copy keeps it alive when the request has ended.
   */
  public long weight() {
    long bytes = HeapBytes.object(FIELD_BYTES) + HeapBytes.object(HEADERS_FIELD_BYTES);
    bytes += HeapBytes.string(method) + HeapBytes.string(contextPath) + HeapBytes.string(rawPath);
    bytes += rawQuery == null ? 0 : HeapBytes.string(rawQuery);
    bytes += HeapBytes.references(2 * headers.size() + HeapBytes.UNUSED_REFERENCES);
    for (int i = 0; i < headers.size(); i++) {
      bytes += HeapBytes.string(headers.name(i)) + HeapBytes.string(headers.value(i));
    }
    return bytes;
  }
}
