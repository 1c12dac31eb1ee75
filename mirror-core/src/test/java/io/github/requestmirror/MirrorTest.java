package io.github.requestmirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.Heads;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.LogGuard;
import io.github.requestmirror.testing.RecordedRequests;
import io.github.requestmirror.testing.TestTarget;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Recorded requests through a mirror, over real sockets. */
class MirrorTest {
  @RegisterExtension final Conservation conservation = new Conservation();
  @RegisterExtension final LogGuard log = new LogGuard();
  private final TestTarget target = new TestTarget();

  @AfterEach
  void closeTarget() {
    target.close();
  }

  private Mirror start(MirrorPolicy policy) {
    return conservation.watch(
        Mirror.start(MirrorTarget.builder(target.uri()).name("secondary").build(), policy));
  }

  private static void send(Mirror mirror, HttpMessage request) {
    Capture capture = mirror.capture(Heads.of(request));
    capture.write(request.body(), 0, request.body().length);
    capture.complete();
    capture.primaryResponded(200);
  }

  @Test
  void recordedRequestsArriveByteForByteAndInOrder() {
    Mirror mirror = start(Cortex.writes().build());
    List<HttpMessage> recorded = new ArrayList<>(RecordedRequests.small());
    recorded.addAll(RecordedRequests.large());
    for (HttpMessage request : recorded) {
      send(mirror, request);
      Conservation.awaitSettled(mirror);
    }
    assertThat(target.requests()).hasSameSizeAs(recorded);
    for (int i = 0; i < recorded.size(); i++) {
      HttpMessage sent = recorded.get(i);
      HttpMessage got = target.requests().get(i);
      assertThat(got.body()).isEqualTo(sent.body());
      assertThat(got.startLine()).isEqualTo(sent.startLine());
      for (String header :
          List.of(
              "Content-Type",
              "Content-Encoding",
              "User-Agent",
              "Content-Length",
              "X-Prometheus-Remote-Write-Version")) {
        assertThat(got.headers(header)).as(header).isEqualTo(sent.headers(header));
      }
    }
    MirrorStats.Target stats = mirror.stats().target("secondary");
    assertThat(stats.count(Outcome.ACCEPTED)).isEqualTo(recorded.size());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void warnsAtStartIfTheTargetsMayTakeMoreThanAQuarterOfTheHeap(boolean more) {
    long quarter = Runtime.getRuntime().maxMemory() / 4;
    Mirror.Builder builder = Mirror.builder();
    for (String name : List.of("a", "b")) {
      builder.target(
          MirrorTarget.builder(target.uri())
              .name(name)
              .maxBodyBytes(1000)
              .bufferBytes(quarter / 2 + (more ? 1000 : 0))
              .build(),
          MirrorPolicy.builder().build());
    }
    conservation.watch(builder.start());
    assertThat(log.warnings()).hasSize(more ? 1 : 0);
    assertThat(log.warnings()).allMatch(line -> line.contains("more than a quarter of the heap"));
  }

  /** The other thread replaces the policy all the time; none of its changes may get lost. */
  @Test
  void fractionKeepsWhatAnotherThreadReplaces() throws Exception {
    Mirror mirror = start(MirrorPolicy.builder().build());
    AtomicBoolean ended = new AtomicBoolean();
    Thread other =
        new Thread(
            () -> {
              for (int i = 0; !ended.get(); i++) {
                mirror.fraction("secondary", (i % 100) / 100.0);
              }
            });
    other.start();
    try {
      for (int i = 0; i < 2000; i++) {
        String host = "h" + i;
        mirror.replacePolicy("secondary", MirrorPolicy.builder().host(host).build());
        assertThat(mirror.policy("secondary").toString()).contains("host=" + host + ",");
      }
    } finally {
      ended.set(true);
      other.join();
    }
  }
}
