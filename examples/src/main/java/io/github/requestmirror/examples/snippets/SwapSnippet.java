package io.github.requestmirror.examples.snippets;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;

final class SwapSnippet {
  private SwapSnippet() {}

  static void swap(Mirror mirror) {
    MirrorPolicy policy = mirror.policy("secondary");
    mirror.replacePolicy("secondary", policy.toBuilder().deny("*", "/api/v1/admin/*").build());
    // A tenth of the tenants.
    mirror.fraction("secondary", 0.1);
    mirror.enabled(false); // the kill switch; pending copies are still sent
  }
}
