package io.github.requestmirror.examples.snippets;

import io.github.requestmirror.Mirror;

final class SwapSnippet {
  private SwapSnippet() {}

  static void swap(Mirror mirror) {
    // A tenth of the tenants.
    mirror.replacePolicy("secondary", mirror.policy("secondary").toBuilder().fraction(0.1).build());
    mirror.enabled(false); // the kill switch; pending copies are still sent
  }
}
