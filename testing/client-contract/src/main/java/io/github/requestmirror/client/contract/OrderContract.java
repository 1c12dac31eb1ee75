package io.github.requestmirror.client.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Cortex;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.client.contract.TestClient.RunningCall;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.TestTarget.Behaviour;
import io.github.requestmirror.testing.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A call that is made after a response is copied after the call that got the response. Calls that
 * overlap may be copied at the same time.
 */
abstract class OrderContract extends ContractFixture {
  private static final byte[] BODY = Wire.bytes(2000, 1);

  OrderContract(TestClient.Factory factory) {
    super(factory);
  }

  /** Responds when the latch opens. */
  private static Behaviour after(CountDownLatch latch) {
    return (request, out) -> {
      latch.await();
      TestTarget.status(204).handle(request, out);
    };
  }

  /** The primary responds when all calls have arrived. */
  @Test
  void overlappingCallsAreCopiedConcurrently() throws Exception {
    int calls = 8;
    CountDownLatch together = new CountDownLatch(calls);
    primary.behave(
        (request, out) -> {
          together.countDown();
          after(together).handle(request, out);
        });
    target.behave(after(end));
    TestClient client = mirrored();
    List<RunningCall> running = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      running.add(client.start(TestRequest.post(uri(PUSH), TestBody.of(BODY))));
    }
    for (RunningCall call : running) {
      assertThat(call.result().status()).isEqualTo(204);
    }
    eventually().untilAsserted(() -> assertThat(target.maxConcurrency()).isEqualTo(calls));
    end.countDown();
    Conservation.awaitSettled(mirror());
    assertThat(stats().responded()).isEqualTo(calls);
  }

  @Test
  void callAfterAResponseIsCopiedAfterThePreviousCall() throws Exception {
    target.behave(after(end));
    TestClient client = mirrored();
    for (int i = 0; i < 20; i++) {
      assertThat(client.post(uri("/" + i), BODY).status()).isEqualTo(204);
    }
    eventually().until(() -> target.requests().size() == 1 && stats().queued() == 19);
    end.countDown();
    Conservation.awaitSettled(mirror());
    assertThat(target.maxConcurrency()).isEqualTo(1);
    List<String> inOrder = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      inOrder.add("/" + i);
    }
    assertThat(target.requests()).extracting(HttpMessage::requestTarget).isEqualTo(inOrder);
  }

  /** A caller that repeats a failed call depends on the failure as on a response. */
  @Test
  void callAfterAFailureIsCopiedAfterThePreviousCall() throws Exception {
    primary.behave(TestTarget.reset());
    target.behave(after(end));
    TestClient client = mirrored();
    for (String path : List.of("/first", "/second")) {
      assertThat(client.post(uri(path), BODY).isFailure()).isTrue();
    }
    eventually().until(() -> target.requests().size() == 1 && stats().queued() == 1);
    end.countDown();
    Conservation.awaitSettled(mirror());
    assertThat(target.requests())
        .extracting(HttpMessage::requestTarget)
        .containsExactly("/first", "/second");
  }

  /** Like the shards of remote write: each sender waits for a response before its next request. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void copiesKeepTheOrderOfEachSender(boolean cortex) throws Exception {
    long seed = System.nanoTime();
    int senders = 8;
    int each = 60;
    MirrorPolicy policy = cortex ? Cortex.writes().build() : MirrorPolicy.builder().build();
    Mirror mirror = start(MirrorTarget.of(target.uri()), policy);
    List<int[]> applied = new ArrayList<>();
    primary.behave(delayed(new Random(seed), 5, new ArrayList<>()));
    target.behave(delayed(new Random(-seed), 8, applied));
    ExecutorService threads = Executors.newFixedThreadPool(senders);
    TestClient client = mirrored();
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int sender = 0; sender < senders; sender++) {
        int me = sender;
        running.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < each; i++) {
                    byte[] body = Wire.bytes(100 + 997 * (i % 7), i);
                    body[0] = (byte) me;
                    body[1] = (byte) i;
                    assertThat(client.post(uri(PUSH), body).status()).isEqualTo(204);
                  }
                  return null;
                }));
      }
      for (Future<?> one : running) {
        one.get(60, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }
    Conservation.awaitSettled(mirror);
    assertThat(stats().count(Outcome.ACCEPTED)).isEqualTo((long) senders * each);
    assertThat(target.maxConcurrency()).as("concurrent copies").isGreaterThan(1);
    int[] next = new int[senders];
    for (int[] one : applied) {
      assertThat(one[1]).as("of sender %s, seed %s", one[0], seed).isEqualTo(next[one[0]]++);
    }
    assertThat(applied).hasSize(senders * each);
  }

  /** Applies a request after a random delay. */
  private static Behaviour delayed(Random random, int maxMillis, List<int[]> applied) {
    return (request, out) -> {
      long nanos;
      synchronized (random) {
        nanos = random.nextInt(maxMillis * 1_000_000);
      }
      LockSupport.parkNanos(nanos);
      synchronized (applied) {
        applied.add(new int[] {request.body()[0], request.body()[1]});
      }
      TestTarget.status(204).handle(request, out);
    };
  }
}
