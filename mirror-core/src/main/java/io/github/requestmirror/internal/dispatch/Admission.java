package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * Whether a request may be captured.
 *
 * @param refusal the reason not to capture it, or null
 * @param ofTarget the slot that the request has as a probe of the target, or null
 * @param ofScope the slot that the request has as a probe of its scope, or null
 */
record Admission(
    @Nullable Outcome refusal, @Nullable ProbeSlot ofTarget, @Nullable ProbeSlot ofScope) {
  static final Admission GRANTED = new Admission(null, null, null);
  static final Admission TARGET_DOWN = new Admission(Outcome.TARGET_DOWN, null, null);
  static final Admission SCOPE_DOWN = new Admission(Outcome.SCOPE_DOWN, null, null);

  /** The request has ended. Needs no memory. */
  void end() {
    if (ofTarget != null) {
      ofTarget.free();
    }
    if (ofScope != null) {
      ofScope.free();
    }
  }
}
