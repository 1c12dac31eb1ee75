package io.github.requestmirror.examples.snippets;

import io.github.requestmirror.Cortex;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorTarget;
import java.net.URI;
import java.time.Duration;

final class PolicySnippet {
  private PolicySnippet() {}

  static Mirror start() {
    MirrorTarget target =
        MirrorTarget.builder(URI.create("https://cortex-2.example:9009"))
            .name("secondary")
            .bufferBytes(256 << 20)
            .maxQueueTime(Duration.ofMinutes(1))
            .maxRetries(3)
            .build();
    MirrorPolicy policy =
        Cortex.writes()
            .whenPrimaryResponds(2) // mirror only what the primary accepted
            .setHeader("Authorization", "Bearer token-of-the-secondary")
            .build();
    return Mirror.start(target, policy);
  }

  static Mirror startWithListener(MirrorTarget target) {
    return Mirror.builder()
        .target(target, Cortex.writes().build())
        .listener(event -> System.out.println(event.target() + " " + event.outcome()))
        .start();
  }
}
