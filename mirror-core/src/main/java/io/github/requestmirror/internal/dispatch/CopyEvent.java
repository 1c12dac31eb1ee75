package io.github.requestmirror.internal.dispatch;

import org.jspecify.annotations.Nullable;

/**
 * An event of a copy, submitted at most once. Those that an end depends on are created with the
 * copy, because there may be no memory when they occur.
 */
final class CopyEvent {
  enum Kind {
    /** The capture holds more than a small first chunk, and may stall. */
    GROWING,

    /** The body is complete. */
    CAPTURED,

    /** The primary is about to send its response. */
    PRIMARY_RESPONDING,

    /** The primary has responded, and the copy is to be sent. */
    PRIMARY_ACCEPTED,

    /** The capture has ended the copy. */
    ABANDONED,

    /** The keys of the body have been read. Made for each read. */
    KEYS_READ
  }

  private final Copy copy;
  private final Kind kind;

  /** The next event in the queue. Owned by that queue. */
  @Nullable CopyEvent next;

  CopyEvent(Copy copy, Kind kind) {
    this.copy = copy;
    this.kind = kind;
  }

  Copy copy() {
    return copy;
  }

  Kind kind() {
    return kind;
  }
}
