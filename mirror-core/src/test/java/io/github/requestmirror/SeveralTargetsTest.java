package io.github.requestmirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.Heads;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.TestTarget;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One request and several targets, which do not affect each other. */
class SeveralTargetsTest {
  @RegisterExtension final Conservation conservation = new Conservation();
  private final TestTarget left = new TestTarget();
  private final TestTarget right = new TestTarget();

  @AfterEach
  void closeServers() {
    left.close();
    right.close();
  }

  private static MirrorTarget.Builder target(String name, TestTarget server) {
    return MirrorTarget.builder(server.uri()).name(name);
  }

  private Mirror start(
      MirrorTarget first, MirrorPolicy one, MirrorTarget second, MirrorPolicy two) {
    return conservation.watch(Mirror.builder().target(first, one).target(second, two).start());
  }

  private static void post(Mirror mirror, String path, int bytes) {
    Capture capture =
        mirror.capture(Heads.head("POST", path, "Content-Length", Integer.toString(bytes)));
    capture.write(new byte[bytes], 0, bytes);
    capture.complete();
    capture.primaryResponded(200);
  }

  @Test
  void eachTargetReceivesTheRequestsOfItsPolicy() {
    Mirror mirror =
        start(
            target("left", left).build(),
            MirrorPolicy.builder().path("/both").path("/left").setHeader("X-For", "left").build(),
            target("right", right).build(),
            MirrorPolicy.builder()
                .path("/both")
                .path("/right")
                .setHeader("X-For", "right")
                .build());
    post(mirror, "/left", 10);
    post(mirror, "/right", 20);
    post(mirror, "/neither", 30);
    post(mirror, "/both", 40);
    Conservation.awaitSettled(mirror);
    assertThat(left.requests().stream().map(HttpMessage::requestTarget))
        .containsExactlyInAnyOrder("/left", "/both");
    assertThat(right.requests().stream().map(HttpMessage::requestTarget))
        .containsExactlyInAnyOrder("/right", "/both");
    assertThat(left.requests()).allMatch(r -> r.headers("X-For").equals(java.util.List.of("left")));
    for (MirrorStats.Target stats : mirror.stats().targets()) {
      assertThat(stats.offered()).isEqualTo(4);
      assertThat(stats.count(Outcome.NOT_MATCHED)).isEqualTo(2);
      assertThat(stats.count(Outcome.ACCEPTED)).isEqualTo(2);
    }
  }

  @Test
  void sendsBodyTooLargeForOneTargetToTheOther() {
    MirrorPolicy policy = MirrorPolicy.builder().build();
    Mirror mirror =
        start(
            target("left", left).maxBodyBytes(9_999).build(),
            policy,
            target("right", right).build(),
            policy);
    post(mirror, "/declared", 10_000);
    Capture chunked = mirror.capture(Heads.head("POST", "/chunked"));
    for (int i = 0; i < 100; i++) {
      chunked.write(new byte[100], 0, 100);
    }
    chunked.complete();
    chunked.primaryResponded(200);
    Conservation.awaitSettled(mirror);
    assertThat(left.requests()).isEmpty();
    assertThat(mirror.stats().target("left").count(Outcome.BODY_TOO_LARGE)).isEqualTo(2);
    assertThat(right.requests()).hasSize(2).allMatch(r -> r.body().length == 10_000);
  }

  @Test
  void fullBufferOfOneTargetDoesNotAffectTheOther() {
    left.behave(left.hang());
    MirrorPolicy policy = MirrorPolicy.builder().order(MirrorOrder.NONE).build();
    Mirror mirror =
        start(
            target("left", left)
                .bufferBytes(64 << 10)
                .maxBodyBytes(60_000)
                .maxInFlight(1)
                .callTimeout(Duration.ofSeconds(1))
                .build(),
            policy,
            target("right", right).build(),
            policy);
    for (int i = 0; i < 50; i++) {
      post(mirror, "/" + i, 10_000);
    }
    await()
        .untilAsserted(
            () -> assertThat(mirror.stats().target("right").count(Outcome.ACCEPTED)).isEqualTo(50));
    assertThat(mirror.stats().target("left").count(Outcome.BUFFER_FULL)).isGreaterThanOrEqualTo(40);
    left.close();
    Conservation.awaitSettled(mirror);
  }

  @Test
  void targetThatIsDownDoesNotAffectTheOther() {
    MirrorPolicy policy = MirrorPolicy.builder().build();
    Mirror mirror =
        start(
            MirrorTarget.builder(URI.create("http://127.0.0.1:1"))
                .name("left")
                .maxQueueTime(Duration.ofMillis(500))
                .build(),
            policy,
            target("right", right).build(),
            policy);
    for (int i = 0; i < 100; i++) {
      post(mirror, "/" + i, 1000);
    }
    Conservation.awaitSettled(mirror);
    assertThat(right.requests()).hasSize(100);
    assertThat(mirror.stats().target("left").up()).isFalse();
    assertThat(mirror.stats().target("right").up()).isTrue();
    assertThat(mirror.stats().target("left").count(Outcome.CONNECT_FAILED)).isPositive();
  }

  @Test
  void oneTargetWaitsForThePrimaryAndTheOtherDoesNot() {
    Mirror mirror =
        start(
            target("left", left).build(),
            MirrorPolicy.builder().whenPrimaryResponds(2).build(),
            target("right", right).build(),
            MirrorPolicy.builder().build());
    Capture capture = mirror.capture(Heads.head("POST", "/"));
    capture.write(new byte[100], 0, 100);
    capture.complete();
    await()
        .untilAsserted(
            () -> assertThat(mirror.stats().target("right").count(Outcome.ACCEPTED)).isEqualTo(1));
    assertThat(left.requests()).isEmpty();
    capture.primaryResponded(503);
    Conservation.awaitSettled(mirror);
    assertThat(left.requests()).isEmpty();
    assertThat(mirror.stats().target("left").count(Outcome.PRIMARY_STATUS)).isEqualTo(1);
  }
}
