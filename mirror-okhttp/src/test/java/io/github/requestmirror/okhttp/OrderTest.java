package io.github.requestmirror.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.TestTarget;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A call that is made because of a response is not copied before the call that was responded; calls
 * that overlap may be copied at the same time.
 */
class OrderTest extends InterceptorFixture {
  private static final byte[] BODY = bytes(2000);

  enum Way {
    EXECUTE {
      @Override
      void twice(OkHttpClient client, Request first, Request second) {
        Observed.of(client, first);
        Observed.of(client, second);
      }
    },
    ENQUEUE {
      @Override
      void twice(OkHttpClient client, Request first, Request second) {
        CompletableFuture<Integer> responded = new CompletableFuture<>();
        client
            .newCall(first)
            .enqueue(then(() -> client.newCall(second).enqueue(then(() -> responded.complete(1)))));
        responded.orTimeout(20, TimeUnit.SECONDS).join();
      }
    };

    abstract void twice(OkHttpClient client, Request first, Request second);
  }

  private static Callback then(Runnable next) {
    return new Callback() {
      @Override
      public void onFailure(Call call, IOException e) {
        next.run();
      }

      @Override
      public void onResponse(Call call, Response response) {
        response.close();
        next.run();
      }
    };
  }

  @ParameterizedTest
  @EnumSource
  void callAfterAResponseIsCopiedAfterTheFirst(Way way) {
    assertOrdered(way, WELL.get());
  }

  /** To a caller that tries again, a failure is a response like any other. */
  @ParameterizedTest
  @EnumSource
  void callAfterAFailureIsCopiedAfterTheFirst(Way way) {
    assertOrdered(way, primary(TestTarget::reset).get());
  }

  private void assertOrdered(Way way, TestTarget started) {
    CountDownLatch firstMayFinish = new CountDownLatch(1);
    target.behave(
        (request, out) -> {
          if (request.requestTarget().equals("/first")) {
            firstMayFinish.await();
          }
          TestTarget.status(204).handle(request, out);
        });
    try (TestTarget primary = started) {
      way.twice(
          mirrored(builder -> builder.retryOnConnectionFailure(false)),
          post(url(primary).resolve("/first"), BODY),
          post(url(primary).resolve("/second"), BODY));
      await()
          .until(
              () ->
                  target.requests().size() == 2
                      || (target.requests().size() == 1 && stats().queued() == 1));
      assertThat(target.requests()).as("copies sent while the first is unfinished").hasSize(1);
    } finally {
      firstMayFinish.countDown();
    }
    Conservation.awaitSettled(mirror());
    assertThat(target.requests())
        .extracting(HttpMessage::requestTarget)
        .containsExactly("/first", "/second");
  }

  /** The copies of calls that are under way together must not wait for one another. */
  @Test
  void callsThatOverlapAreNotHeldBack() throws Exception {
    int calls = 4;
    CyclicBarrier atThePrimary = new CyclicBarrier(calls);
    CyclicBarrier atTheTarget = new CyclicBarrier(calls);
    target.behave(
        (request, out) -> {
          atTheTarget.await(10, TimeUnit.SECONDS);
          TestTarget.status(204).handle(request, out);
        });
    CountDownLatch responded = new CountDownLatch(calls);
    try (TestTarget primary = new TestTarget()) {
      primary.behave(
          (request, out) -> {
            atThePrimary.await(10, TimeUnit.SECONDS);
            TestTarget.status(204).handle(request, out);
          });
      OkHttpClient client = mirrored();
      for (int i = 0; i < calls; i++) {
        client.newCall(post(url(primary), BODY)).enqueue(then(responded::countDown));
      }
      assertThat(responded.await(20, TimeUnit.SECONDS)).isTrue();
    }
    Conservation.awaitSettled(mirror());
    assertThat(stats().responded()).isEqualTo(calls);
    assertThat(target.mostAtOnce()).isEqualTo(calls);
  }

  /** As remote write does: several shards, each sends when its last request is responded. */
  @Test
  void shardsStayInOrderThroughJitter() throws Exception {
    long seed = System.nanoTime();
    int shards = 8;
    int each = 60;
    Map<String, List<String>> finished = new ConcurrentHashMap<>();
    target.behave(
        (request, out) -> {
          String shard = String.valueOf(request.header("X-Shard"));
          List<String> seen = finished.computeIfAbsent(shard, key -> new ArrayList<>());
          pause(seed + request.headText().hashCode());
          synchronized (seen) {
            seen.add(String.valueOf(request.header("X-Number")));
          }
          TestTarget.status(204).handle(request, out);
        });
    try (TestTarget primary = new TestTarget()) {
      primary.behave(
          (request, out) -> {
            pause(seed - request.headText().hashCode());
            TestTarget.status(204).handle(request, out);
          });
      OkHttpClient client = mirrored();
      List<Thread> senders = new ArrayList<>();
      for (int shard = 0; shard < shards; shard++) {
        String name = "shard-" + shard;
        Thread sender =
            new Thread(
                () -> {
                  for (int i = 0; i < each; i++) {
                    send(client, url(primary), name, i);
                  }
                },
                name);
        senders.add(sender);
        sender.start();
      }
      for (Thread sender : senders) {
        sender.join(60_000);
      }
    }
    Conservation.awaitSettled(mirror());
    List<String> inOrder = new ArrayList<>();
    for (int i = 0; i < each; i++) {
      inOrder.add(Integer.toString(i));
    }
    assertThat(finished).as("seed %s", seed).hasSize(shards);
    finished.forEach(
        (shard, numbers) -> assertThat(numbers).as("%s, seed %s", shard, seed).isEqualTo(inOrder));
    assertThat(target.mostAtOnce()).as("copies at once").isGreaterThan(1);
  }

  private static void send(OkHttpClient client, okhttp3.HttpUrl url, String shard, int number) {
    Request request =
        post(url, BODY)
            .newBuilder()
            .header("X-Shard", shard)
            .header("X-Number", Integer.toString(number))
            .build();
    try (Response response = client.newCall(request).execute()) {
      assertThat(response.code()).isEqualTo(204);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Up to 5 ms, the same for the same seed. */
  private static void pause(long seed) {
    LockSupport.parkNanos(new Random(seed).nextInt(5_000_000));
  }
}
