package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.internal.capture.Body;
import io.github.requestmirror.internal.capture.HeadSnapshot;
import io.github.requestmirror.internal.capture.HeapBytes;
import org.jspecify.annotations.Nullable;

/**
 * The memory that a copy takes on the heap, apart from the chunks of its body: all objects that
 * exist until its end, or may be made for it meanwhile. It is reserved at admission, because there
 * may be no room later.
 *
 * <p>The constants are checked against the fields of the classes in a test.
 */
final class CopyWeight {
  static final int COPY = 208;
  static final int EVENT = 24;
  static final int EVENTS = 5;
  static final int TICKET = 104;
  static final int LIST_NODE = 32;

  /** One of the copy, the others of the ticket. */
  static final int LIST_NODES = 6;

  static final int BODY = 56;
  static final int BODY_CAPTURE = 64;

  /** Exists only while single bytes are written. */
  static final int OPEN_ROOM = 32;

  static final int OUTBOUND_REQUEST = 32;
  static final int HEADERS = 24;
  static final int SCOPE = 104;
  static final int SCOPE_NODES = 2;
  static final int SCOPE_LISTS = 7;
  static final int LIST = 24;

  /** An entry of {@code java.util.HashMap}, and its place in a table that is not full. */
  private static final int MAP_ENTRY = 32 + 12;

  /** Headers that the sent request has and the captured one may not have. */
  private static final int ADDED_HEADERS = 2;

  private static final long FIXED =
      (long) COPY
          + EVENTS * EVENT
          + TICKET
          + LIST_NODES * LIST_NODE
          + BODY
          + Body.CHUNK_LIST_WEIGHT
          + BODY_CAPTURE
          + OPEN_ROOM
          + HeapBytes.references(1)
          + OUTBOUND_REQUEST
          + HEADERS;

  /** A scope exists once for its copies, but a copy may be the only one. */
  private static final long OWN_SCOPE =
      (long) SCOPE + SCOPE_NODES * LIST_NODE + SCOPE_LISTS * LIST + MAP_ENTRY;

  private CopyWeight() {}

  /** Returns the bytes to reserve for a copy. Needs no memory. */
  static long of(HeadSnapshot head, String pathAndQuery, @Nullable String scope) {
    long bytes = FIXED + head.weight();
    bytes +=
        HeapBytes.references(
            2 * (head.headers().size() + ADDED_HEADERS) + HeapBytes.UNUSED_REFERENCES);
    if (!isSame(pathAndQuery, head.rawPath())) {
      bytes += HeapBytes.string(pathAndQuery);
    }
    if (scope != null) {
      bytes += OWN_SCOPE;
      bytes += isValue(head, scope) ? 0 : HeapBytes.string(scope);
    }
    return bytes;
  }

  private static boolean isValue(HeadSnapshot head, String scope) {
    for (int i = 0; i < head.headers().size(); i++) {
      if (isSame(head.headers().value(i), scope)) {
        return true;
      }
    }
    return false;
  }

  @SuppressWarnings("ReferenceEquality") // Not the text counts, but the memory.
  private static boolean isSame(String one, String other) {
    return one == other;
  }
}
