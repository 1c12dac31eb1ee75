package io.github.requestmirror.internal.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.internal.dispatch.TestPipeline;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A container may end a request on one thread while another thread still reads the body. */
class CaptureRaceTest {
  private static final int ROUNDS = 3_000;

  @RegisterExtension final TestPipeline pipeline = new TestPipeline();
  private final ExecutorService threads = Executors.newFixedThreadPool(3);
  private final AtomicInteger events = new AtomicInteger();

  @AfterEach
  void endThreads() throws InterruptedException {
    threads.shutdownNow();
    assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
  }

  private void race(Consumer<Capture> one, Consumer<Capture> two, Consumer<Capture> three)
      throws Exception {
    pipeline.threaded().listener(event -> events.incrementAndGet());
    CyclicBarrier start = new CyclicBarrier(3);
    Capture[] captures = new Capture[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      captures[i] = pipeline.open("POST", "/" + i);
      assertThat(captures[i].active()).isTrue();
    }
    Future<?>[] runs = {
      run(captures, start, one), run(captures, start, two), run(captures, start, three)
    };
    for (Future<?> run : runs) {
      run.get(60, TimeUnit.SECONDS);
    }
    await().until(() -> pipeline.ended() >= ROUNDS && pipeline.bufferedBytes() == 0);
    assertThat(pipeline.ended()).isEqualTo(ROUNDS);
    assertThat(events).hasValue(ROUNDS);
  }

  private Future<?> run(Capture[] captures, CyclicBarrier start, Consumer<Capture> action) {
    return threads.submit(
        () -> {
          for (Capture capture : captures) {
            start.await();
            action.accept(capture);
          }
          return null;
        });
  }

  private static void write(Capture capture) {
    capture.write(new byte[100], 0, 100);
  }

  @Test
  void concurrentCompleteAbandonAndWriteEndTheCopyOnce() throws Exception {
    pipeline
        .sender()
        .automatic(
            sent -> {
              // The body consists of whole writes and does not change after the hand-over.
              byte[] body = sent.body();
              boolean whole = body.length % 100 == 0 && Arrays.equals(body, sent.body());
              return whole ? Outcome.ACCEPTED : Outcome.INTERNAL_ERROR;
            });
    AtomicInteger turn = new AtomicInteger();
    race(
        Capture::complete,
        capture -> {
          if (turn.getAndIncrement() % 4 == 0) {
            capture.abandon(Outcome.BODY_INCOMPLETE);
          }
        },
        capture -> {
          for (int i = 0; i < 5; i++) {
            write(capture);
          }
        });
    assertThat(pipeline.count(Outcome.BODY_INCOMPLETE)).isPositive();
    assertThat(pipeline.count(Outcome.ACCEPTED) + pipeline.count(Outcome.BODY_INCOMPLETE))
        .isEqualTo(ROUNDS);
  }

  /** The other threads take the bytes while the writer adds more. */
  @Test
  void concurrentEndAfterSingleBytesEndsTheCopyOnce() throws Exception {
    pipeline
        .sender()
        .automatic(
            sent -> {
              byte[] body = sent.body();
              boolean prefix = body.length <= 20 && Arrays.equals(body, sent.body());
              for (int i = 0; i < body.length; i++) {
                prefix &= body[i] == i + 1;
              }
              return prefix ? Outcome.ACCEPTED : Outcome.INTERNAL_ERROR;
            });
    AtomicInteger turn = new AtomicInteger();
    race(
        capture -> {
          if (turn.getAndIncrement() % 4 == 0) {
            capture.abandon(Outcome.BODY_INCOMPLETE);
          }
        },
        capture -> {
          capture.primaryResponded(200);
          capture.complete();
        },
        capture -> {
          for (int i = 0; i < 20; i++) {
            capture.write(new byte[] {(byte) (i + 1)}, 0, 1);
          }
        });
    assertThat(pipeline.count(Outcome.BODY_INCOMPLETE)).isPositive();
    assertThat(pipeline.count(Outcome.ACCEPTED) + pipeline.count(Outcome.BODY_INCOMPLETE))
        .isEqualTo(ROUNDS);
  }

  @Test
  void concurrentResponseResetAndCompleteEndTheCopyOnce() throws Exception {
    pipeline.whenPrimaryResponds(2).sender().automatic(sent -> Outcome.ACCEPTED);
    AtomicInteger turn = new AtomicInteger();
    race(
        capture -> {
          write(capture);
          capture.complete();
        },
        Capture::reset,
        capture -> capture.primaryResponded(turn.getAndIncrement() % 2 == 0 ? 200 : 503));
    assertThat(pipeline.count(Outcome.ACCEPTED)).isEqualTo(ROUNDS / 2);
    assertThat(pipeline.count(Outcome.PRIMARY_STATUS)).isEqualTo(ROUNDS / 2);
  }

  @Test
  void concurrentCloseEndsTheCopyOnce() throws Exception {
    Random random = new Random(1);
    pipeline.threaded().sender().automatic(sent -> Outcome.ACCEPTED);
    Capture[] captures = new Capture[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      captures[i] = pipeline.open("POST", "/" + i);
    }
    CyclicBarrier start = new CyclicBarrier(2);
    Future<?> ends =
        threads.submit(
            () -> {
              start.await();
              for (Capture capture : captures) {
                write(capture);
                if (random.nextBoolean()) {
                  capture.complete();
                } else {
                  capture.abandon(Outcome.BODY_UNSUPPORTED);
                }
              }
              return null;
            });
    start.await();
    pipeline.closeNow();
    ends.get(60, TimeUnit.SECONDS);
    // TestPipeline checks the rest after the test.
    assertThat(pipeline.count(Outcome.BODY_UNSUPPORTED)).isPositive();
  }
}
