package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.internal.capture.BodyCapture;
import io.github.requestmirror.internal.dispatch.Copy.Stage;
import io.github.requestmirror.internal.ordering.Ordering;

/**
 * The captures whose age matters although their body is not complete: those that hold more than a
 * little memory, and those whose primary has responded, so that other copies wait for them. The
 * latter hold their scope for half the queue time, and if the body has not ended then, the next
 * ones only briefly, until the body of one of them ends. Confined to the dispatcher's thread.
 */
final class OpenCaptures {
  /** What is left of the queue time must suffice to send the copies that have waited. */
  private static final int PART_OF_QUEUE_TIME = 2;

  /** Of the time above, for the next such request of a scope. */
  private static final int PART_OF_FIRST_WAIT = 16;

  private final Ordering<Copy> ordering;
  private final long maxQueueTime;

  /** Captures that may stall, in the stages CAPTURING and OVERDUE. */
  private final AgeQueue growing;

  private final AgeQueue respondedEarly;

  /** As before, in scopes that have waited for a body in vain. */
  private final AgeQueue respondedEarlyAgain;

  private final OverdueScopes overdueScopes = new OverdueScopes();

  OpenCaptures(Ordering<Copy> ordering, long maxQueueTime) {
    this.ordering = ordering;
    this.maxQueueTime = maxQueueTime;
    this.growing = new AgeQueue(maxQueueTime);
    long firstWait = maxQueueTime / PART_OF_QUEUE_TIME;
    this.respondedEarly = new AgeQueue(firstWait);
    this.respondedEarlyAgain = new AgeQueue(firstWait / PART_OF_FIRST_WAIT);
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
    boolean again = overdueScopes.contains(copy.scope(), now);
    (again ? respondedEarlyAgain : respondedEarly).add(copy, now);
  }

  /** The body is complete. */
  void completed(Copy copy) {
    if (copy.stage == Stage.RESPONDED_EARLY) {
      overdueScopes.remove(copy.scope());
    }
    remove(copy);
  }

  /** Removes a copy in one of the stages CAPTURING, RESPONDED_EARLY and OVERDUE. */
  void remove(Copy copy) {
    if (copy.stage != Stage.RESPONDED_EARLY) {
      growing.remove(copy);
    } else if (!respondedEarly.remove(copy)) {
      respondedEarlyAgain.remove(copy);
    }
  }

  void expire(long now) {
    expireEarly(respondedEarly, now);
    expireEarly(respondedEarlyAgain, now);
    Copy copy;
    while ((copy = growing.firstExpired(now)) != null) {
      remove(copy);
      endIfStalled(copy, now);
    }
  }

  /** A body that never ends must not block the copies after it. */
  private void expireEarly(AgeQueue queue, long now) {
    Copy copy;
    while ((copy = queue.firstExpired(now)) != null) {
      queue.remove(copy);
      copy.stage = Stage.OVERDUE;
      ordering.finished(copy.ticket());
      overdueScopes.add(copy.scope(), now);
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
    long ofEarly = Math.min(respondedEarly.untilExpiry(now), respondedEarlyAgain.untilExpiry(now));
    return Math.min(growing.untilExpiry(now), ofEarly);
  }
}
