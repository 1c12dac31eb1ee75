package io.github.requestmirror.examples.demo;

import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.gateway.Gateway;
import io.github.requestmirror.gateway.GatewayOptions;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** One run of the demo: starts all parts, switches the secondary's phases, and sums up. */
final class DemoRun {
  private static final Duration ROW = Duration.ofSeconds(1);
  private static final Duration LIVE = Duration.ofMillis(200);

  private final Plan plan;
  private final Screen screen;
  private final Receiver primary;
  private final Receiver secondary;
  private final Gateway gateway;
  private final Sender sender;
  private final List<PhaseResult> results = new ArrayList<>();

  private DemoRun(
      Plan plan,
      Screen screen,
      Receiver primary,
      Receiver secondary,
      Gateway gateway,
      Sender sender) {
    this.plan = plan;
    this.screen = screen;
    this.primary = primary;
    this.secondary = secondary;
    this.gateway = gateway;
    this.sender = sender;
  }

  static Summary run(Plan plan, Screen screen) throws Exception {
    try (Receiver primary = Receiver.start("primary", new Jitter(8, 14, 0, 0));
        Receiver secondary = Receiver.start("secondary", new Jitter(0, 4, 5, 25));
        Gateway gateway = Gateway.start(options(primary.uri(), secondary.uri()));
        Sender sender = new Sender(URI.create("http://127.0.0.1:" + gateway.port()), plan)) {
      return new DemoRun(plan, screen, primary, secondary, gateway, sender).run();
    }
  }

  /** Short times and a small buffer, so that the effects of faults are visible immediately. */
  private static GatewayOptions options(URI primary, URI secondary) {
    return GatewayOptions.parse(
        "--bind=127.0.0.1",
        "--listen=0",
        "--admin=0",
        "--primary=" + primary,
        "--target=" + secondary,
        "--call-timeout=1s",
        "--buffer-bytes=2MiB",
        "--max-body-bytes=1MiB");
  }

  private Summary run() throws Exception {
    screen.bold("Request mirror demo");
    screen.line(
        Screen.format(
            "sender (%d shards, %d req/s of %d samples) -> gateway 127.0.0.1:%d -> primary %s",
            plan.shards(),
            plan.requestsPerSecond(),
            plan.seriesPerShard(),
            gateway.port(),
            primary.uri()));
    screen.line("mirrored, in order -> secondary " + secondary.uri());
    screen.line("Both clusters reject requests with samples that are out of order.");
    screen.line("Warming up the JVM ...");
    warmUp();

    Meter meter = new Meter(sender.stats(), primary.store(), secondary.store(), this::mirror);
    run(Phase.STEADY, meter);
    drain();
    Clusters steady = clusters();
    screen.line(
        steady.equal()
            ? Screen.format("Both clusters hold the same %,d samples.", steady.primary())
            : "The clusters DIFFER.");
    secondary.hang();
    run(Phase.HANGS, meter);
    secondary.refuse();
    run(Phase.REFUSES, meter);
    secondary.comeBack();
    run(Phase.BACK, meter);
    drain();
    return new Summary(
        sender.stats().requests(),
        sender.stats().sent(),
        sender.stats().acknowledged(),
        steady,
        clusters(),
        outcomes(),
        results);
  }

  /**
   * Sends until the planned rate is reached, for at least the planned time and at most three times
   * that.
   */
  private void warmUp() throws InterruptedException {
    long begin = System.nanoTime();
    long least = begin + plan.warmUp().toNanos();
    long most = begin + plan.warmUp().multipliedBy(3).toNanos();
    boolean steady = false;
    while (System.nanoTime() - (steady ? least : most) < 0) {
      sender.send(ROW).await();
      steady = sender.stats().latencies().getTotalCount() >= 0.98 * plan.requestsPerSecond();
    }
  }

  private void run(Phase phase, Meter meter) throws InterruptedException {
    screen.phase(results.size() + 1, phase);
    MirrorStats.Target before = mirror();
    meter.nextPhase();
    long begin = System.nanoTime();
    CountDownLatch ended = sender.send(plan.time(phase));
    long rows = Math.max(1, plan.time(phase).dividedBy(ROW));
    for (long row = 1; row <= rows; row++) {
      long end = begin + row * ROW.toNanos();
      while (!pause(end)) {
        screen.row(meter.row(), false);
      }
      screen.row(meter.row(), true);
      meter.nextRow();
    }
    ended.await();
    results.add(PhaseResult.of(phase, before, meter.phase()));
  }

  /** Waits until the counters are to be read again; returns whether the row is complete. */
  private boolean pause(long end) throws InterruptedException {
    long left = end - System.nanoTime();
    long time = screen.isLive() ? Math.min(left, LIVE.toNanos()) : left;
    TimeUnit.NANOSECONDS.sleep(time);
    return end - System.nanoTime() <= 0;
  }

  /** Waits until no copy is pending. */
  private void drain() throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
    while (mirror().pending() > 0 && end - System.nanoTime() > 0) {
      // The statistics are a snapshot without notification.
      Thread.sleep(5);
    }
  }

  private Clusters clusters() {
    return Clusters.of(primary.store(), secondary.store());
  }

  private MirrorStats.Target mirror() {
    return gateway.mirror().stats().targets().get(0);
  }

  private Map<Outcome, Long> outcomes() {
    MirrorStats.Target mirror = mirror();
    Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
    for (Outcome outcome : Outcome.values()) {
      outcomes.put(outcome, mirror.count(outcome));
    }
    return outcomes;
  }
}
