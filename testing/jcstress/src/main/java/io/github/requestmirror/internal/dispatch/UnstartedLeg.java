package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Cortex;
import io.github.requestmirror.Headers;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.RequestHead;
import io.github.requestmirror.internal.capture.BodyCapture;
import io.github.requestmirror.internal.decide.DenySet;
import io.github.requestmirror.internal.decide.OrderChoice;
import io.github.requestmirror.internal.decide.Rules;
import io.github.requestmirror.internal.decide.Sampler;
import io.github.requestmirror.internal.send.CopyHead;
import io.github.requestmirror.internal.send.OutboundRequest;
import io.github.requestmirror.internal.send.Sender;
import io.github.requestmirror.internal.send.TargetAddress;
import java.net.URI;
import java.util.List;

/** A leg whose thread does not run: what is handed over stays queued, as if it were busy. */
final class UnstartedLeg {
  private static final MirrorTarget TARGET = MirrorTarget.of(URI.create("http://127.0.0.1:1"));
  private static final DenySet NOTHING = new DenySet(List.of());
  private static final Rules RULES =
      new Rules(
          head -> true,
          NOTHING,
          new Sampler(1, null),
          new OrderChoice(null, List.of()),
          head -> head.header(Cortex.TENANT_HEADER),
          0,
          new CopyHead(List.of(), false, CopyHead.Host.ofTarget(), false, null, NOTHING));
  private static final RequestHead HEAD =
      RequestHead.of("POST", "/api/v1/push", null, Headers.of());

  private final Leg leg =
      new Leg(
          TARGET,
          RULES,
          "X-Request-Mirror",
          null,
          TargetAddress.of(TARGET.uri()),
          new NoSender(),
          System::nanoTime);

  Capture capture() {
    Rules rules = leg.offer(HEAD, null);
    return new BodyCapture(new Copy[] {leg.open(HEAD, rules)}, -1);
  }

  long count(Outcome outcome) {
    return leg.count(outcome);
  }

  /** The head stays charged until the leg's thread has seen the end; it weighs much less. */
  boolean holdsBody() {
    return leg.bufferedBytes() > 4096;
  }

  private static final class NoSender implements Sender {
    @Override
    public Exchange send(OutboundRequest request, Callback callback) {
      throw new IllegalStateException("nothing is sent");
    }

    @Override
    public void close() {}
  }
}
