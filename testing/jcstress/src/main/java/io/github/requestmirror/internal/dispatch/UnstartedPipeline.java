package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Cortex;
import io.github.requestmirror.Headers;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.MirrorTraceContext;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.RequestHead;
import io.github.requestmirror.internal.accounting.Reporter;
import io.github.requestmirror.internal.capture.BodyCapture;
import io.github.requestmirror.internal.policy.CompiledPolicy;
import io.github.requestmirror.internal.policy.DenyList;
import io.github.requestmirror.internal.policy.OrderChoice;
import io.github.requestmirror.internal.policy.RequestRewriter;
import io.github.requestmirror.internal.policy.Sampler;
import io.github.requestmirror.internal.send.OutboundRequest;
import io.github.requestmirror.internal.send.Sender;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executors;

/** A pipeline whose thread is not started: captured copies stay queued, as if it were busy. */
final class UnstartedPipeline {
  private static final MirrorTarget TARGET = MirrorTarget.of(URI.create("http://127.0.0.1:1"));
  private static final DenyList NOTHING = new DenyList(List.of());
  private static final CompiledPolicy POLICY =
      new CompiledPolicy(
          Set.of(),
          head -> true,
          NOTHING,
          new Sampler(1, null),
          new OrderChoice(null, List.of()),
          head -> head.header(Cortex.TENANT_HEADER),
          null,
          0,
          new RequestRewriter(
              List.of(),
              false,
              MirrorTraceContext.DROP,
              RequestRewriter.Host.ofTarget(),
              false,
              null,
              NOTHING));
  private static final RequestHead HEAD =
      RequestHead.of("POST", "/api/v1/push", null, Headers.of());

  private final TargetPipeline pipeline =
      new TargetPipeline(
          TARGET,
          POLICY,
          "X-Request-Mirror",
          Reporter.start(TARGET.name(), null, System::nanoTime),
          Executors.newCachedThreadPool(),
          new NoSender(),
          new LoopThread("never started"),
          System::nanoTime,
          () -> 0.5);

  Capture capture() {
    return capture(-1);
  }

  Capture capture(long declaredLength) {
    return new BodyCapture(new Copy[] {copy()}, declaredLength);
  }

  Copy copy() {
    return Objects.requireNonNull(pipeline.admit(HEAD, null), "copy");
  }

  long count(Outcome outcome) {
    return pipeline.count(outcome);
  }

  /**
   * Returns whether more than a head is held: the head's bytes, which are far fewer, are released
   * by the pipeline's thread.
   */
  boolean holdsBody() {
    return pipeline.bufferedBytes() > 4096;
  }

  private static final class NoSender implements Sender {
    @Override
    public Exchange send(OutboundRequest request, Callback callback) {
      throw new IllegalStateException("the pipeline must not send");
    }

    @Override
    public void await(long nanos) {}

    @Override
    public void wakeUp() {}

    @Override
    public void close() {}
  }
}
