package io.github.requestmirror.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Capture;
import io.github.requestmirror.MirrorListener;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Order;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.RequestHead;
import io.github.requestmirror.internal.capture.BodyCapture;
import io.github.requestmirror.internal.capture.HeadSnapshot;
import io.github.requestmirror.internal.decide.DenySet;
import io.github.requestmirror.internal.decide.OrderChoice;
import io.github.requestmirror.internal.decide.Rules;
import io.github.requestmirror.internal.decide.Sampler;
import io.github.requestmirror.internal.send.CopyHead;
import io.github.requestmirror.internal.send.Sender;
import io.github.requestmirror.internal.send.TargetAddress;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.Heads;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A leg whose clock and sender the test moves. After each test it is closed and its books must be
 * balanced: everything offered has ended once, no byte is held, no thread is left.
 */
public final class TestLeg implements AfterEachCallback {
  private final ManualClock clock = new ManualClock();
  private final ManualSender sender = new ManualSender();
  private MirrorTarget target =
      MirrorTarget.builder(URI.create("http://secondary:9009")).name("test").build();
  private @Nullable Order order;
  private int primaryStatuses;
  private @Nullable MirrorListener listener;
  private @Nullable Function<MirrorTarget, Sender> otherSender;
  private @Nullable Leg started;

  public TestLeg target(UnaryOperator<MirrorTarget.Builder> settings) {
    target = settings.apply(target.toBuilder()).build();
    return this;
  }

  public TestLeg order(Order order) {
    this.order = order;
    return this;
  }

  public TestLeg whenPrimaryAnswers(int statusClass) {
    primaryStatuses = 1 << statusClass;
    return this;
  }

  public TestLeg listener(MirrorListener listener) {
    this.listener = listener;
    return this;
  }

  private Rules rules() {
    DenySet deny = new DenySet(List.of());
    return new Rules(
        head -> true,
        deny,
        new Sampler(1, null),
        new OrderChoice(order, List.of()),
        head -> head.header("X-Scope-OrgID"),
        primaryStatuses,
        new CopyHead(List.of(), false, CopyHead.Host.ofTarget(), false, null, deny));
  }

  /** Sends over something else than the {@link #sender()}; the clock stands still all the same. */
  TestLeg sending(Function<MirrorTarget, Sender> sender) {
    otherSender = sender;
    return this;
  }

  /** Returns the leg, which starts at the first use. */
  Leg leg() {
    Leg leg = started;
    if (leg == null) {
      Sender used = otherSender == null ? sender : otherSender.apply(target);
      leg =
          Leg.start(
              target, rules(), "X-Mirror", listener, TargetAddress.of(target.uri()), used, clock);
      started = leg;
    }
    return leg;
  }

  public ManualSender sender() {
    return sender;
  }

  ManualClock clock() {
    return clock;
  }

  /** Does what the mirror does at the door; returns no capture when the request ends there. */
  public Capture open(RequestHead head) {
    Rules rules = leg().offer(head, null);
    Copy copy = rules == null ? null : leg().open(head, rules);
    return copy == null
        ? Capture.none()
        : new BodyCapture(new Copy[] {copy}, HeadSnapshot.declaredLength(head));
  }

  public Capture open(String method, String path, String... headers) {
    return open(Heads.head(method, path, headers));
  }

  /** A request without a body, wholly captured. */
  Capture get(String path) {
    Capture capture = open("GET", path);
    capture.complete();
    return capture;
  }

  /** Lets what happened so far be seen, time pass, and everything that is due then happen. */
  void advance(Duration by) {
    settle();
    clock.advance(by);
    settle();
  }

  /** Waits until all events so far have been handled and the turn after them is over. */
  public void settle() {
    for (int i = 0; i < 3; i++) {
      long before = clock.turns();
      // An event without effect, for a copy that nobody offered.
      leg()
          .primaryAccepted(new Copy(HeadSnapshot.of(Heads.head("GET", "/")), rules(), null, leg()));
      await()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(1))
          .until(() -> clock.turns() > before);
    }
  }

  public long count(Outcome outcome) {
    return leg().count(outcome);
  }

  public long bufferedBytes() {
    return leg().bufferedBytes();
  }

  public long offered() {
    return leg().offered();
  }

  public long ended() {
    long ended = 0;
    for (Outcome outcome : Outcome.values()) {
      ended += count(outcome);
    }
    return ended;
  }

  /** Ends the leg without waiting for what is pending. */
  public void closeNow() {
    leg().startClosing();
    leg().finishClosing(0);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    if (started == null) {
      return;
    }
    closeNow();
    assertThat(sender.isClosed()).isEqualTo(otherSender == null);
    Conservation.awaitNoThreads();
    if (context.getExecutionException().isEmpty()) {
      assertThat(ended()).as("ends of %s offered", offered()).isEqualTo(offered());
      assertThat(bufferedBytes()).as("bytes held").isZero();
      assertThat(leg().queued()).isZero();
      assertThat(leg().inFlight()).isZero();
    }
  }
}
