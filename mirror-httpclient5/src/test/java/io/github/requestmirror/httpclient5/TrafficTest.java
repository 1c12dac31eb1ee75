package io.github.requestmirror.httpclient5;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Cortex;
import io.github.requestmirror.Headers;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.httpclient5.Poster.Client;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.Heads;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RecordedRequests;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.TestTarget.Behaviour;
import io.github.requestmirror.testing.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Many calls: what a sender of remote writes does. */
class TrafficTest {
  @RegisterExtension final Conservation conservation = new Conservation();
  private final TestTarget primary = new TestTarget().behave(TestTarget.respond(200, "stored"));
  private final TestTarget secondary = new TestTarget();
  private final Mirror mirror =
      conservation.watch(
          Mirror.start(
              MirrorTarget.builder(secondary.uri()).name("secondary").build(),
              Cortex.writes().build()));
  private final MirrorExecChainHandler handler = new MirrorExecChainHandler(mirror);

  @AfterEach
  void closeServers() {
    primary.close();
    secondary.close();
  }

  private MirrorStats.Target stats() {
    return mirror.stats().target("secondary");
  }

  @ParameterizedTest
  @EnumSource
  void recordedRequestsOfPrometheusArriveByteForByte(Client client) throws Exception {
    List<HttpMessage> recorded = new ArrayList<>(RecordedRequests.small());
    recorded.addAll(RecordedRequests.large());
    try (Poster poster = client.start(handler)) {
      for (HttpMessage request : recorded) {
        Headers headers = Heads.of(request).headers();
        List<String> fields = new ArrayList<>();
        for (int i = 0; i < headers.size(); i++) {
          if (!headers.name(i).equalsIgnoreCase("Host")
              && !headers.name(i).equalsIgnoreCase("Content-Length")) {
            fields.addAll(List.of(headers.name(i), headers.value(i)));
          }
        }
        assertThat(
                poster.post(
                    primary.uri() + request.requestTarget(),
                    request.body(),
                    fields.toArray(String[]::new)))
            .isEqualTo(200);
      }
    }
    Conservation.awaitSettled(mirror);
    assertThat(secondary.requests()).hasSameSizeAs(recorded);
    for (int i = 0; i < recorded.size(); i++) {
      HttpMessage copy = secondary.requests().get(i);
      assertThat(copy.startLine()).isEqualTo(recorded.get(i).startLine());
      assertThat(copy.body()).isEqualTo(recorded.get(i).body());
      for (String name :
          List.of(
              "Content-Type",
              "Content-Encoding",
              "User-Agent",
              "X-Prometheus-Remote-Write-Version")) {
        assertThat(copy.headers(name)).as(name).isEqualTo(recorded.get(i).headers(name));
      }
    }
  }

  /** Each sender waits for its response, so its copies must not overtake each other. */
  @ParameterizedTest
  @EnumSource
  void copiesKeepTheOrderOfEachSender(Client client) throws Exception {
    long seed = 20_261_123;
    Random random = new Random(seed);
    int senders = 8;
    int each = 40;
    List<int[]> applied = new ArrayList<>();
    secondary.behave(slowly(random, applied));
    ExecutorService threads = Executors.newFixedThreadPool(senders);
    try (Poster poster = client.start(handler)) {
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
                    assertThat(poster.post(primary.uri() + "/api/v1/push", body)).isEqualTo(200);
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
    assertThat(secondary.mostAtOnce()).as("copies at once").isGreaterThan(1);
    int[] next = new int[senders];
    for (int[] one : applied) {
      assertThat(one[1]).as("of sender %s, seed %s", one[0], seed).isEqualTo(next[one[0]]++);
    }
  }

  /** Applies a request after a while, as a cluster does. */
  private static Behaviour slowly(Random random, List<int[]> applied) {
    return (request, out) -> {
      long nanos;
      synchronized (random) {
        nanos = random.nextInt(20_000_000);
      }
      LockSupport.parkNanos(nanos);
      synchronized (applied) {
        applied.add(new int[] {request.body()[0], request.body()[1]});
      }
      TestTarget.status(204).handle(request, out);
    };
  }

  static List<Arguments> faults() {
    List<Arguments> faults = new ArrayList<>();
    for (Client client : Client.values()) {
      for (String fault :
          List.of("refuses", "hangs", "resets", "500", "never ends", "reads nothing")) {
        faults.add(Arguments.of(client, fault));
      }
    }
    return faults;
  }

  @ParameterizedTest
  @MethodSource("faults")
  void faultsOfTheTargetAreNotSeen(Client client, String fault) throws Exception {
    switch (fault) {
      case "refuses" -> secondary.refuse();
      case "hangs" -> secondary.behave(secondary.hang());
      case "resets" -> secondary.behave(TestTarget.reset());
      case "500" -> secondary.behave(TestTarget.status(500));
      case "never ends" -> secondary.behave(secondary.endless());
      default -> secondary.readNothing();
    }
    Mirror impatient =
        conservation.watch(
            Mirror.start(
                MirrorTarget.builder(secondary.uri())
                    .name("secondary")
                    .connectTimeout(Duration.ofMillis(200))
                    .callTimeout(Duration.ofMillis(200))
                    .maxQueueTime(Duration.ofMillis(500))
                    .build(),
                Cortex.writes().build()));
    byte[] body = Wire.bytes(50_000, 7);
    long start = System.nanoTime();
    try (Poster poster = client.start(new MirrorExecChainHandler(impatient))) {
      for (int i = 0; i < 30; i++) {
        assertThat(poster.post(primary.uri() + "/api/v1/push", body)).isEqualTo(200);
      }
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    assertThat(primary.requests()).hasSize(30);
    assertThat(primary.requests()).allMatch(request -> Arrays.equals(request.body(), body));
    if (client == Client.CLASSIC) {
      assertThat(primary.connectionsAccepted()).isEqualTo(1);
    }
    Conservation.awaitSettled(impatient);
    MirrorStats.Target stats = impatient.stats().target("secondary");
    assertThat(stats.offered()).isEqualTo(30);
    assertThat(stats.count(Outcome.INTERNAL_ERROR)).isZero();
  }
}
