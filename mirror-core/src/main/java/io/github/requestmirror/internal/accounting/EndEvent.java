package io.github.requestmirror.internal.accounting;

import io.github.requestmirror.MirrorListener;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.RequestHead;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The event of a copy's end, as passed to the listener. */
public record EndEvent(
    String target,
    RequestHead head,
    Outcome outcome,
    int status,
    @Nullable Throwable cause,
    long bodyBytes,
    Duration elapsed,
    @Nullable String responseText)
    implements MirrorListener.Event {

  /**
   * Omits query, header values and the message of the cause, which may be secret, and the text of
   * the response, which the target chose.
   */
  @Override
  public String toString() {
    return "event{target=%s, request=%s %s, outcome=%s, status=%d, cause=%s, bodyBytes=%d, elapsed=%s}"
        .formatted(
            target,
            head.method(),
            head.contextPath() + head.rawPath(),
            outcome,
            status,
            cause == null ? "none" : cause.getClass().getName(),
            bodyBytes,
            elapsed);
  }
}
