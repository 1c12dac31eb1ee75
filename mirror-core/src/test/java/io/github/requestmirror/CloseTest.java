package io.github.requestmirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.Heads;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class CloseTest {
  @RegisterExtension final Conservation conservation = new Conservation();
  private final TestTarget server = new TestTarget();

  @AfterEach
  void closeServer() {
    server.close();
  }

  private MirrorTarget.Builder target() {
    return MirrorTarget.builder(server.uri()).name("secondary");
  }

  private Mirror start(MirrorTarget.Builder target) {
    return conservation.watch(
        Mirror.start(target.build(), MirrorPolicy.builder().order(MirrorOrder.NONE).build()));
  }

  private static long count(Mirror mirror, Outcome outcome) {
    return mirror.stats().target("secondary").count(outcome);
  }

  private static Duration timeOf(Runnable action) {
    long start = System.nanoTime();
    action.run();
    return Duration.ofNanos(System.nanoTime() - start);
  }

  @Test
  void sendsPendingCopiesBeforeClosing() {
    Mirror mirror = start(target().maxInFlight(2));
    for (int i = 0; i < 200; i++) {
      Wire.post(mirror, "/" + i, new byte[1000]);
    }
    mirror.close();
    assertThat(count(mirror, Outcome.ACCEPTED)).isEqualTo(200);
    assertThat(server.requests()).hasSize(200);
  }

  @Test
  void countsCopiesAfterTheDrainTimeoutAsClosedOrAborted() {
    server.behave(server.hang());
    Mirror mirror = start(target().maxInFlight(2).drainTimeout(Duration.ofMillis(200)));
    for (int i = 0; i < 5; i++) {
      Wire.post(mirror, "/" + i, new byte[1000]);
    }
    await().until(() -> server.requests().size() == 2);
    assertThat(timeOf(mirror::close)).isBetween(Duration.ofMillis(200), Duration.ofSeconds(5));
    assertThat(count(mirror, Outcome.ABORTED)).isEqualTo(2);
    assertThat(count(mirror, Outcome.CLOSED)).isEqualTo(3);
  }

  @Test
  void rejectsRequestsAfterClose() {
    Mirror mirror = start(target());
    mirror.close();
    assertThat(Wire.get(mirror, "/")).isSameAs(Capture.none());
    assertThat(count(mirror, Outcome.CLOSED)).isEqualTo(1);
  }

  @Test
  void secondCloseHasNoEffect() {
    Mirror mirror = start(target());
    mirror.close();
    mirror.close();
    assertThat(mirror.stats().target("secondary").offered()).isZero();
  }

  @Test
  void openCaptureDelaysTheShutdownAndIsCountedWhenItEnds() {
    Mirror mirror = start(target().drainTimeout(Duration.ofMillis(200)));
    Capture open = mirror.capture(Heads.head("POST", "/"));
    open.write(new byte[1000], 0, 1000);
    assertThat(timeOf(mirror::close)).isGreaterThanOrEqualTo(Duration.ofMillis(200));
    assertThat(mirror.stats().target("secondary").pending()).isEqualTo(1);
    open.complete();
    open.primaryResponded(200);
    assertThat(count(mirror, Outcome.CLOSED)).isEqualTo(1);
  }

  @Test
  void interruptEndsTheWait() {
    server.behave(server.hang());
    Mirror mirror = start(target().drainTimeout(Duration.ofMinutes(5)));
    Wire.get(mirror, "/");
    await().until(() -> server.requests().size() == 1);
    Thread.currentThread().interrupt();
    assertThat(timeOf(mirror::close)).isLessThan(Duration.ofSeconds(5));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(count(mirror, Outcome.ABORTED)).isEqualTo(1);
  }

  @Test
  void listenerMayCloseTheMirror() {
    AtomicReference<Mirror> self = new AtomicReference<>();
    AtomicBoolean closed = new AtomicBoolean();
    Mirror mirror =
        conservation.watch(
            Mirror.builder()
                .target(target().maxInFlight(1).build(), MirrorPolicy.builder().build())
                .listener(
                    event -> {
                      Mirror own = self.get();
                      if (own != null) {
                        own.close();
                        closed.set(true);
                      }
                    })
                .start());
    self.set(mirror);
    for (int i = 0; i < 10; i++) {
      Wire.get(mirror, "/" + i);
    }
    await().untilTrue(closed);
    Conservation.awaitSettled(mirror);
    Conservation.awaitNoThreads();
  }

  @Test
  void closeUnderLoadEndsEveryRequestOnce() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      for (int round = 0; round < 10; round++) {
        Mirror mirror = start(target().drainTimeout(Duration.ofMillis(20)));
        AtomicBoolean stop = new AtomicBoolean();
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          running.add(
              threads.submit(
                  () -> {
                    while (!stop.get()) {
                      Wire.post(mirror, "/", new byte[500]);
                    }
                  }));
        }
        await().pollInterval(Duration.ofMillis(1)).until(() -> server.requests().size() > 5);
        mirror.close();
        stop.set(true);
        for (Future<?> each : running) {
          each.get(30, TimeUnit.SECONDS);
        }
        MirrorStats.Target stats = mirror.stats().target("secondary");
        assertThat(stats.pending()).as("%s", stats).isZero();
        assertThat(stats.bufferedBytes()).isZero();
        server.requests().clear();
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
