package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * Whether a request may be captured.
 *
 * @param refusal the reason not to capture it, or null
 * @param ofTarget the slot that the request has as a probe of the target, or null
 * @param targetLease the lease of that slot
 * @param ofScope the slot that the request has as a probe of its scope, or null
 * @param scopeLease the lease of that slot
 */
record Admission(
    @Nullable Outcome refusal,
    @Nullable ProbeSlot ofTarget,
    long targetLease,
    @Nullable ProbeSlot ofScope,
    long scopeLease) {
  static final Admission GRANTED = without(null);
  static final Admission TARGET_DOWN = without(Outcome.TARGET_DOWN);
  static final Admission SCOPE_DOWN = without(Outcome.SCOPE_DOWN);

  private static Admission without(@Nullable Outcome refusal) {
    return new Admission(refusal, null, 0, null, 0);
  }

  /** The request has ended. Needs no memory. */
  void end() {
    if (ofTarget != null) {
      ofTarget.free(targetLease);
    }
    if (ofScope != null) {
      ofScope.free(scopeLease);
    }
  }
}
