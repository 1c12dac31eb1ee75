package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.Capture;
import io.github.requestmirror.CompiledPolicies;
import io.github.requestmirror.Cortex;
import io.github.requestmirror.Headers;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.RequestHead;
import io.github.requestmirror.internal.accounting.Reporter;
import io.github.requestmirror.internal.capture.BodyCapture;
import io.github.requestmirror.internal.send.OutboundRequest;
import io.github.requestmirror.internal.send.Sender;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A pipeline whose rounds run on the thread of the benchmark, and whose target responds at once, so
 * that neither threads nor sockets are measured.
 */
final class IdlePipeline implements AutoCloseable {
  private final RequestHead head;
  private final Loop driver = new Loop();
  private final ExecutorService keys = Executors.newSingleThreadExecutor();
  private final TargetPipeline pipeline;

  IdlePipeline(int bodyBytes) {
    head =
        RequestHead.of(
            "POST",
            "/api/v1/push",
            null,
            Headers.of(
                "Host", "metrics.example",
                "User-Agent", "Prometheus/3.5.0",
                "Content-Length", "" + bodyBytes,
                "Content-Encoding", "snappy",
                "Content-Type", "application/x-protobuf",
                "X-Prometheus-Remote-Write-Version", "0.1.0",
                "X-Scope-OrgID", "tenant"));
    // Enough for the bodies of a whole batch.
    MirrorTarget target =
        MirrorTarget.builder(URI.create("http://127.0.0.1:1")).bufferBytes(1L << 30).build();
    pipeline =
        new TargetPipeline(
            target,
            CompiledPolicies.of(Cortex.writes()),
            "X-Request-Mirror",
            Reporter.start(target.name(), null, System::nanoTime),
            keys,
            new ImmediateSender(),
            driver,
            System::nanoTime,
            () -> 0.5);
    pipeline.start();
  }

  /** Opens the capture of a request. */
  Capture open() {
    Copy copy = pipeline.admit(head, null);
    if (copy == null) {
      throw new IllegalStateException("not mirrored: " + pipeline.count(Outcome.BUFFER_FULL));
    }
    return new BodyCapture(new Copy[] {copy}, -1);
  }

  /** Runs rounds until no copy is left. */
  void settle() {
    do {
      driver.runOnce();
    } while (pipeline.inFlight() > 0 || pipeline.waiting().all() > 0);
  }

  @Override
  public void close() {
    pipeline.startClosing();
    pipeline.finishClosing(0);
    keys.shutdownNow();
  }

  /** Runs the rounds when it is called. */
  private static final class Loop implements LoopDriver {
    private EventLoop loop;

    void runOnce() {
      loop.runOnce();
    }

    @Override
    public void start(EventLoop loop) {
      this.loop = loop;
    }

    @Override
    public void await(CountDownLatch latch, long nanos) {
      runOnce();
    }

    @Override
    public boolean join(Duration atMost) {
      loop.finish();
      return true;
    }
  }

  /** Responds with 204 to every request, before the send returns. */
  private static final class ImmediateSender implements Sender {
    private static final Result RESPONSE =
        new Result(Outcome.ACCEPTED, 204, null, null, Duration.ZERO, false);

    @Override
    public Exchange send(OutboundRequest request, Callback callback) {
      callback.ended(RESPONSE);
      return () -> {};
    }

    @Override
    public void await(long nanos) {}

    @Override
    public void wakeUp() {}

    @Override
    public void close() {}
  }
}
