package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.internal.capture.BodyCapture;
import io.github.requestmirror.internal.dispatch.Copy.Stage;
import io.github.requestmirror.internal.ordering.Ordering;

/**
 * The captures whose age matters although their body is not complete: those that hold more than a
 * little memory, and those whose primary has responded, so that other copies wait for them.
 * Confined to the dispatcher's thread.
 */
final class OpenCaptures {
  private final Ordering<Copy> ordering;
  private final long maxQueueTime;

  /** Captures that may stall, in the stages CAPTURING and OVERDUE. */
  private final AgeQueue growing;

  private final AgeQueue respondedEarly;

  OpenCaptures(Ordering<Copy> ordering, long maxQueueTime) {
    this.ordering = ordering;
    this.maxQueueTime = maxQueueTime;
    this.growing = new AgeQueue(maxQueueTime);
    this.respondedEarly = new AgeQueue(maxQueueTime);
  }

  /** The capture holds more than a little memory. */
  void growing(Copy copy) {
    copy.isGrowing = true;
    if (copy.stage != Stage.RESPONDED_EARLY) {
      growing.add(copy, copy.growingSince);
    }
  }

  /** The primary has responded before the end of the body. */
  void respondedEarly(Copy copy, long now) {
    remove(copy);
    copy.stage = Stage.RESPONDED_EARLY;
    respondedEarly.add(copy, now);
  }

  /** Removes a copy in one of the stages CAPTURING, RESPONDED_EARLY and OVERDUE. */
  void remove(Copy copy) {
    AgeQueue queue = copy.stage == Stage.RESPONDED_EARLY ? respondedEarly : growing;
    queue.remove(copy);
  }

  void expire(long now) {
    Copy copy;
    while ((copy = respondedEarly.firstExpired(now)) != null) {
      // A body that never ends must not block the copies after it.
      remove(copy);
      copy.stage = Stage.OVERDUE;
      ordering.finished(copy.ticket());
      endIfStalled(copy, now);
    }
    while ((copy = growing.firstExpired(now)) != null) {
      remove(copy);
      endIfStalled(copy, now);
    }
  }

  /** Ends a capture that has made no progress; otherwise looks at it again later. */
  private void endIfStalled(Copy copy, long now) {
    BodyCapture capture = copy.growingCapture;
    if (copy.isGrowing && capture != null) {
      copy.growingSince = capture.endIfStalled(copy, now, maxQueueTime);
      // The event of its end removes an ended one from the order.
      if (!copy.hasEnded()) {
        growing.add(copy, copy.growingSince);
      }
    }
  }

  long untilExpiry(long now) {
    return Math.min(growing.untilExpiry(now), respondedEarly.untilExpiry(now));
  }
}
