package io.github.requestmirror.examples.snippets;

import io.github.requestmirror.MirrorPolicy;

final class OrderKeysSnippet {
  private OrderKeysSnippet() {}

  static MirrorPolicy policy() {
    MirrorPolicy policy =
        MirrorPolicy.builder()
            .orderKeys(
                (head, body, key) -> {
                  // Each path is a document of its own; the rest is unknown.
                  key.accept(head.rawPath().hashCode());
                  return head.rawPath().startsWith("/documents/");
                })
            .build();
    return policy;
  }
}
