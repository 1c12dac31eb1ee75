package io.github.requestmirror.httpclient5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.httpclient5.Poster.Client;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.TestTarget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The mirror's order, as seen from clients. */
class OverlapTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  @RegisterExtension final Conservation conservation = new Conservation();
  private final TestTarget primary = new TestTarget();
  private final TestTarget secondary = new TestTarget();
  private final Mirror mirror =
      conservation.watch(
          Mirror.start(
              MirrorTarget.builder(secondary.uri()).name("secondary").build(),
              MirrorPolicy.builder().build()));
  private final CountDownLatch go = new CountDownLatch(1);

  @AfterEach
  void closeServers() {
    go.countDown();
    primary.close();
    secondary.close();
  }

  /** However their responses come, so do their copies. */
  @ParameterizedTest
  @EnumSource
  void callsThatOverlapAreMirroredAtTheSameTime(Client client) throws Exception {
    int calls = 8;
    CountDownLatch together = new CountDownLatch(calls);
    primary.behave(
        (request, out) -> {
          together.countDown();
          together.await();
          TestTarget.status(204).handle(request, out);
        });
    secondary.behave(
        (request, out) -> {
          go.await();
          TestTarget.status(204).handle(request, out);
        });
    ExecutorService threads = Executors.newFixedThreadPool(calls);
    try (Poster poster = client.start(new MirrorExecChainHandler(mirror))) {
      List<Future<Integer>> running = new ArrayList<>();
      for (int i = 0; i < calls; i++) {
        running.add(threads.submit(() -> poster.post(primary.uri() + "/", new byte[100])));
      }
      for (Future<Integer> one : running) {
        assertThat(one.get(20, TimeUnit.SECONDS)).isEqualTo(204);
      }
      await().atMost(SOON).untilAsserted(() -> assertThat(secondary.mostAtOnce()).isEqualTo(calls));
    } finally {
      threads.shutdownNow();
    }
  }

  /** The response is known to the mirror before the caller has it. */
  @ParameterizedTest
  @EnumSource
  void callAfterAResponseWaitsForTheCopyBeforeIt(Client client) throws Exception {
    secondary.behave(
        (request, out) -> {
          go.await();
          TestTarget.status(204).handle(request, out);
        });
    try (Poster poster = client.start(new MirrorExecChainHandler(mirror))) {
      for (int i = 0; i < 20; i++) {
        poster.post(primary.uri() + "/", new byte[100]);
      }
      await().atMost(SOON).until(() -> secondary.requests().size() == 1);
      assertThat(mirror.stats().target("secondary").queued()).isEqualTo(19);
      assertThat(secondary.mostAtOnce()).isEqualTo(1);
      go.countDown();
    }
    Conservation.awaitSettled(mirror);
    assertThat(secondary.mostAtOnce()).isEqualTo(1);
    assertThat(secondary.requests()).hasSize(20);
  }
}
