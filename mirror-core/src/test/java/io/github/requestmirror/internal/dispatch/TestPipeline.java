package io.github.requestmirror.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Capture;
import io.github.requestmirror.MirrorListener;
import io.github.requestmirror.MirrorOrder;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.MirrorTraceContext;
import io.github.requestmirror.OrderKeys;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.RequestHead;
import io.github.requestmirror.internal.accounting.Reporter;
import io.github.requestmirror.internal.capture.Body;
import io.github.requestmirror.internal.capture.BodyCapture;
import io.github.requestmirror.internal.capture.HeadSnapshot;
import io.github.requestmirror.internal.policy.CompiledPolicy;
import io.github.requestmirror.internal.policy.DenyList;
import io.github.requestmirror.internal.policy.OrderChoice;
import io.github.requestmirror.internal.policy.RequestRewriter;
import io.github.requestmirror.internal.policy.Sampler;
import io.github.requestmirror.internal.send.OutboundRequest;
import io.github.requestmirror.internal.send.Sender;
import io.github.requestmirror.internal.send.TargetAddress;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.Heads;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A pipeline with a manual clock and sender, which runs on the test's thread: nothing happens
 * between {@link #settle} and {@link #advance}. After each test it is closed and checked: all
 * offered requests have ended once, no bytes are held, no thread is left.
 */
public final class TestPipeline implements AfterEachCallback {
  private final ManualClock clock = new ManualClock();
  private final ManualSender sender = new ManualSender();
  private final ManualDriver driver = new ManualDriver(clock);
  private final ManualExecutor reports = new ManualExecutor();
  private final ManualExecutor keys = new ManualExecutor();
  private MirrorTarget target =
      MirrorTarget.builder(URI.create("http://secondary:9009")).name("test").build();
  private @Nullable MirrorOrder order;
  private @Nullable OrderKeys orderKeys;
  private int primaryStatuses;
  private @Nullable MirrorListener listener;
  private @Nullable Error rewriteFault;
  private @Nullable Function<MirrorTarget, Sender> otherSender;
  private boolean threaded;
  private @Nullable TargetPipeline started;

  public TestPipeline target(UnaryOperator<MirrorTarget.Builder> settings) {
    target = settings.apply(target.toBuilder()).build();
    return this;
  }

  public TestPipeline order(MirrorOrder order) {
    this.order = order;
    return this;
  }

  public TestPipeline orderKeys(OrderKeys orderKeys) {
    this.orderKeys = orderKeys;
    return this;
  }

  /** Reads the keys of a body, if one is to be read; {@link #settle} does not. */
  void readKeys() {
    keys.runNext();
  }

  public TestPipeline whenPrimaryResponds(int statusClass) {
    primaryStatuses = 1 << statusClass;
    return this;
  }

  public TestPipeline listener(MirrorListener listener) {
    this.listener = listener;
    return this;
  }

  private CompiledPolicy policy() {
    DenyList deny = new DenyList(List.of());
    return new CompiledPolicy(
        Set.of(),
        head -> true,
        deny,
        new Sampler(1, null),
        new OrderChoice(order, List.of()),
        head -> head.header("X-Scope-OrgID"),
        orderKeys,
        primaryStatuses,
        new FaultyRewriter(deny));
  }

  private final class FaultyRewriter extends RequestRewriter {
    FaultyRewriter(DenyList deny) {
      super(List.of(), false, MirrorTraceContext.DROP, Host.ofTarget(), false, null, deny);
    }

    @Override
    public OutboundRequest copy(
        HeadSnapshot head, String pathAndQuery, Body body, TargetAddress address, String marker) {
      Error cause = rewriteFault;
      if (cause != null) {
        throw cause;
      }
      return super.copy(head, pathAndQuery, body, address, marker);
    }
  }

  /** From now on no request can be made for a copy; null ends that. */
  void failRewriteWith(@Nullable Error cause) {
    rewriteFault = cause;
  }

  /** Uses another sender than {@link #sender()}; the clock is still manual. */
  TestPipeline sending(Function<MirrorTarget, Sender> sender) {
    otherSender = sender;
    return this;
  }

  /** Uses the threads of the product; the clock is still manual. */
  public TestPipeline threaded() {
    threaded = true;
    sender.blockInAwait();
    return this;
  }

  /** Returns the pipeline; starts it on the first call. */
  TargetPipeline pipeline() {
    TargetPipeline pipeline = started;
    if (pipeline == null) {
      Sender used = otherSender == null ? sender : otherSender.apply(target);
      pipeline =
          new TargetPipeline(
              target,
              policy(),
              "X-Mirror",
              threaded
                  ? Reporter.start(target.name(), listener, clock)
                  : new Reporter(target.name(), listener, clock, reports),
              keys,
              used,
              threaded ? new LoopThread("mirror-" + target.name()) : driver,
              clock,
              () -> 0.5);
      pipeline.start();
      started = pipeline;
    }
    return pipeline;
  }

  public ManualSender sender() {
    return sender;
  }

  ManualClock clock() {
    return clock;
  }

  /** Captures a request as the mirror does; returns {@link Capture#none()} if it is rejected. */
  public Capture open(RequestHead head) {
    Copy copy = pipeline().admit(head, null);
    return copy == null
        ? Capture.none()
        : new BodyCapture(new Copy[] {copy}, head.contentLength(), clock, byte[]::new);
  }

  /**
   * As above, with a declared length.
   *
   * @param chunk receives the size of each chunk of the body
   */
  public Capture open(int declaredLength, IntConsumer chunk) {
    Copy copy = pipeline().admit(Heads.head("POST", "/"), null);
    return new BodyCapture(
        new Copy[] {copy},
        declaredLength,
        clock,
        size -> {
          chunk.accept(size);
          return new byte[size];
        });
  }

  public Capture open(String method, String path, String... headers) {
    return open(Heads.head(method, path, headers));
  }

  /** Captures a request without a body completely. */
  Capture get(String path) {
    Capture capture = open("GET", path);
    capture.complete();
    return capture;
  }

  /** Processes the events so far, advances the clock, and processes what is due then. */
  void advance(Duration by) {
    settle();
    clock.advance(by);
    settle();
  }

  /** Processes all events so far and everything that is due. Not for a threaded pipeline. */
  public void settle() {
    assertThat(threaded).as("threaded").isFalse();
    TargetPipeline ignored = pipeline();
    for (int i = 0; i < 3; i++) {
      driver.runOnce();
      reports.runAll();
    }
  }

  public long count(Outcome outcome) {
    return pipeline().count(outcome);
  }

  public long bufferedBytes() {
    return pipeline().bufferedBytes();
  }

  public long offered() {
    return pipeline().offered();
  }

  public long ended() {
    long ended = 0;
    for (Outcome outcome : Outcome.values()) {
      ended += count(outcome);
    }
    return ended;
  }

  /** Closes the pipeline without waiting for pending copies. */
  public void closeNow() {
    pipeline().startClosing();
    pipeline().finishClosing(0);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    if (started == null) {
      return;
    }
    closeNow();
    reports.runAll();
    assertThat(sender.isClosed()).isEqualTo(otherSender == null);
    Conservation.awaitNoThreads();
    if (context.getExecutionException().isEmpty()) {
      assertThat(ended()).as("ends of %s offered", offered()).isEqualTo(offered());
      assertThat(bufferedBytes()).as("bytes held").isZero();
      assertThat(pipeline().waiting().all()).isZero();
      assertThat(pipeline().inFlight()).isZero();
    }
  }
}
