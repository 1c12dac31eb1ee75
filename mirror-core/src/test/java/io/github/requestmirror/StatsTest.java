package io.github.requestmirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.Heads;
import io.github.requestmirror.testing.LogGuard;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Counters, logs and limits under load. */
class StatsTest {
  @RegisterExtension final Conservation conservation = new Conservation();
  @RegisterExtension final LogGuard log = new LogGuard();
  private final TestTarget server = new TestTarget();
  private final ExecutorService threads = Executors.newFixedThreadPool(8);

  @AfterEach
  void close() throws InterruptedException {
    server.close();
    threads.shutdownNow();
    assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
  }

  private MirrorTarget.Builder target() {
    return MirrorTarget.builder(server.uri()).name("secondary").callTimeout(Duration.ofSeconds(1));
  }

  private Mirror start(MirrorTarget.Builder target) {
    return conservation.watch(
        Mirror.start(
            target.build(),
            MirrorPolicy.builder().deny("*", "/denied").methods("GET", "POST").build()));
  }

  private interface Worker {
    void run(int number) throws Exception;
  }

  private void inParallel(int workers, Worker worker) throws Exception {
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < workers; i++) {
      int number = i;
      running.add(
          threads.submit(
              () -> {
                worker.run(number);
                return null;
              }));
    }
    for (Future<?> each : running) {
      each.get(60, TimeUnit.SECONDS);
    }
  }

  @Test
  void countersAddUpUnderMixedLoad() throws Exception {
    long seed = new Random().nextLong();
    AtomicInteger responses = new AtomicInteger();
    server.behave(
        (request, out) -> {
          int status = List.of(204, 400, 204, 429, 204, 503).get(responses.getAndIncrement() % 6);
          TestTarget.status(status).handle(request, out);
        });
    Mirror mirror = start(target().bufferBytes(1 << 20).maxBodyBytes(100_000).maxInFlight(4));
    AtomicLong offered = new AtomicLong();
    // Each kind once while the buffer is empty; later, a fast machine may only see full buffers.
    for (int kind = 0; kind < KINDS; kind++) {
      offered.incrementAndGet();
      send(mirror, kind, 100_001);
    }
    Conservation.awaitSettled(mirror);
    inParallel(
        8,
        number -> {
          Random random = new Random(seed + number);
          for (int i = 0; i < 400; i++) {
            offered.incrementAndGet();
            send(mirror, random.nextInt(KINDS), random.nextInt(120_000));
          }
        });
    Conservation.awaitSettled(mirror);
    MirrorStats.Target stats = mirror.stats().target("secondary");
    assertThat(stats.offered()).as("seed %s: %s", seed, stats).isEqualTo(offered.get());
    long sum = 0;
    for (Outcome outcome : Outcome.values()) {
      sum += stats.count(outcome);
    }
    assertThat(sum).isEqualTo(offered.get());
    assertThat(stats.responded()).isEqualTo(server.requests().size());
    for (Outcome outcome :
        List.of(
            Outcome.ACCEPTED,
            Outcome.REJECTED,
            Outcome.NOT_MATCHED,
            Outcome.DENIED,
            Outcome.LOOP,
            Outcome.BODY_INCOMPLETE,
            Outcome.BODY_TOO_LARGE)) {
      assertThat(stats.count(outcome)).as("%s (seed %s) of %s", outcome, seed, stats).isPositive();
    }
  }

  private static final int KINDS = 8;

  private static void send(Mirror mirror, int kind, int length) {
    switch (kind) {
      case 0 -> Wire.send(mirror, Heads.head("PUT", "/"), new byte[10]);
      case 1 -> Wire.get(mirror, "/denied");
      case 2 -> Wire.get(mirror, "/", "X-Request-Mirror", "1");
      case 3 -> Wire.post(mirror, "/", new byte[10], "Content-Length", "11");
      case 4 -> Wire.post(mirror, "/", new byte[length]);
      default -> Wire.post(mirror, "/", new byte[length % 20_000]);
    }
  }

  @Test
  void logsNoWarningsWithoutLosses() throws Exception {
    Mirror mirror = start(target());
    inParallel(
        4,
        number -> {
          for (int i = 0; i < 100; i++) {
            Wire.post(mirror, "/" + i, new byte[i]);
            Wire.get(mirror, "/denied");
          }
        });
    Conservation.awaitSettled(mirror);
    mirror.close();
    Conservation.awaitNoThreads();
    assertThat(log.warnings()).isEmpty();
  }

  /** Makes the target fail. */
  private interface Fault {
    void apply(TestTarget server);
  }

  private static Arguments fault(String name, Fault fault) {
    return Arguments.of(name, fault);
  }

  static Stream<Arguments> faults() {
    return Stream.of(
        fault("hangs", server -> server.behave(server.hang())),
        fault("resets", server -> server.behave(TestTarget.reset())),
        fault("refuses", TestTarget::refuse),
        fault("reads nothing", TestTarget::readNothing),
        fault("is unavailable", server -> server.behave(TestTarget.status(503))),
        fault("rejects", server -> server.behave(TestTarget.respond(400, "out of order"))),
        fault("never ends", server -> server.behave(server.endless())));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  void logsAtMostOneWarningAndNothingOnThePrimarysThread(String name, Fault fault)
      throws Exception {
    fault.apply(server);
    Mirror mirror =
        start(
            target()
                .callTimeout(Duration.ofMillis(200))
                .maxQueueTime(Duration.ofMillis(300))
                .bufferBytes(1 << 20)
                .maxBodyBytes(1 << 20));
    Thread primary =
        new Thread(
            () -> {
              for (int i = 0; i < 300; i++) {
                Wire.post(mirror, "/" + i, new byte[10_000]);
              }
            },
            "primary");
    primary.start();
    primary.join();
    Conservation.awaitSettled(mirror);
    assertThat(log.aboveDebugBy("primary")).isEmpty();
    // One line for the first loss, the next one not before ten seconds.
    assertThat(log.warnings()).hasSizeLessThanOrEqualTo(1);
    mirror.close();
  }

  /** The target hangs and the buffer is small, while four threads send as fast as they can. */
  @Test
  void overloadStaysWithinTheBufferAndDoesNotDelayThePrimary() throws Exception {
    server.behave(server.hang());
    long limit = 1 << 20;
    Mirror mirror =
        start(
            target()
                .bufferBytes(limit)
                .maxBodyBytes(limit)
                .maxInFlight(2)
                .callTimeout(Duration.ofMillis(300))
                .maxQueueTime(Duration.ofMillis(500)));
    AtomicLong slowest = new AtomicLong();
    AtomicLong calls = new AtomicLong();
    AtomicLong most = new AtomicLong();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
    byte[] body = new byte[50_000];
    inParallel(
        5,
        number -> {
          while (System.nanoTime() - end < 0) {
            if (number == 4) {
              most.accumulateAndGet(mirror.stats().target("secondary").bufferedBytes(), Math::max);
              continue;
            }
            long start = System.nanoTime();
            Capture capture = mirror.capture(Heads.head("POST", "/"));
            capture.write(body, 0, body.length);
            capture.complete();
            capture.primaryResponded(200);
            slowest.accumulateAndGet(System.nanoTime() - start, Math::max);
            calls.incrementAndGet();
          }
        });
    Conservation.awaitSettled(mirror);
    MirrorStats.Target stats = mirror.stats().target("secondary");
    assertThat(stats.offered()).isEqualTo(calls.get());
    assertThat(most.get()).isBetween(limit / 2, limit);
    assertThat(stats.count(Outcome.BUFFER_FULL)).isPositive();
    assertThat(stats.count(Outcome.TIMEOUT)).isPositive();
    // A loose bound: with more threads than cores it depends on the scheduler.
    assertThat(Duration.ofNanos(slowest.get())).isLessThan(Duration.ofSeconds(1));
    assertThat(Duration.ofSeconds(4).toNanos() / calls.get())
        .as("nanoseconds for a capture with a full buffer")
        .isLessThan(1_000_000);
  }

  @Test
  void snapshotDoesNotChange() {
    Mirror mirror = start(target());
    MirrorStats before = mirror.stats();
    Wire.get(mirror, "/");
    Conservation.awaitSettled(mirror);
    assertThat(before.target("secondary").offered()).isZero();
    assertThat(before.toString()).contains("secondary{offered=0, responded=0");
    assertThat(mirror.stats().target("secondary").count(Outcome.Kind.RESPONDED)).isEqualTo(1);
  }

  @Test
  void statsShowPendingCopies() {
    server.behave(server.hang());
    Mirror mirror = start(target().maxInFlight(1));
    Wire.get(mirror, "/a");
    Wire.get(mirror, "/b");
    Capture open = mirror.capture(Heads.head("POST", "/c"));
    await()
        .untilAsserted(
            () -> {
              MirrorStats.Target stats = mirror.stats().target("secondary");
              assertThat(stats.pending()).isEqualTo(3);
              assertThat(stats.inFlight()).isEqualTo(1);
              assertThat(stats.queued()).isEqualTo(1);
              assertThat(stats.bufferedBytes()).isPositive();
            });
    open.abandon(Outcome.BODY_INCOMPLETE);
    server.close();
  }
}
