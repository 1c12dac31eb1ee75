package io.github.requestmirror.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Capture;
import io.github.requestmirror.MirrorOrder;
import io.github.requestmirror.Outcome;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** When the circuit breaker opens and closes, and what it permits while open. */
class BreakerTest {
  @RegisterExtension final TestPipeline pipeline = new TestPipeline();

  @BeforeEach
  void keepCopiesLong() {
    pipeline
        .order(MirrorOrder.NONE)
        .target(
            target -> target.maxQueueTime(Duration.ofHours(1)).callTimeout(Duration.ofMinutes(10)));
  }

  private boolean isUp() {
    pipeline.settle();
    return pipeline.pipeline().isUp();
  }

  private void exchange(Outcome outcome) {
    int before = pipeline.sender().sent().size();
    pipeline.get("/exchange");
    pipeline.settle();
    assertThat(pipeline.sender().sent()).hasSize(before + 1);
    pipeline.sender().last().respond(outcome);
    pipeline.settle();
  }

  @Test
  void oneFailedConnectOpensIt() {
    exchange(Outcome.CONNECT_FAILED);
    assertThat(isUp()).isFalse();
    assertThat(pipeline.get("/")).isSameAs(Capture.none());
    assertThat(pipeline.count(Outcome.TARGET_DOWN)).isEqualTo(1);
    assertThat(pipeline.bufferedBytes()).isZero();
  }

  @ParameterizedTest
  @EnumSource(
      value = Outcome.class,
      names = {"UNAVAILABLE", "IO_ERROR", "TIMEOUT", "INTERNAL_ERROR"})
  void tenFailuresInARowOpenIt(Outcome failure) {
    for (int i = 0; i < 9; i++) {
      exchange(failure);
    }
    exchange(Outcome.ACCEPTED);
    for (int i = 0; i < 9; i++) {
      exchange(failure);
    }
    assertThat(isUp()).isTrue();
    exchange(failure);
    assertThat(isUp()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(
      value = Outcome.class,
      names = {"REJECTED", "THROTTLED", "ACCEPTED", "ABORTED"})
  void otherOutcomesDoNotOpenIt(Outcome outcome) {
    for (int i = 0; i < 50; i++) {
      exchange(outcome);
    }
    assertThat(isUp()).isTrue();
  }

  @Test
  void admitsOneRequestForEachBackOffUntilASuccess() {
    exchange(Outcome.CONNECT_FAILED);
    pipeline.advance(Duration.ofMillis(99));
    assertThat(pipeline.get("/early")).isSameAs(Capture.none());
    pipeline.advance(Duration.ofMillis(1));
    assertThat(pipeline.get("/probe")).isNotSameAs(Capture.none());
    assertThat(pipeline.get("/second")).isSameAs(Capture.none());
    pipeline.settle();
    assertThat(pipeline.sender().paths()).endsWith("/probe");
    assertThat(isUp()).isFalse();
    pipeline.sender().last().respond(Outcome.ACCEPTED);
    assertThat(isUp()).isTrue();
    pipeline.get("/after");
    pipeline.settle();
    assertThat(pipeline.sender().paths()).endsWith("/after");
    pipeline.sender().last().respond(Outcome.ACCEPTED);
  }

  @Test
  void admitsNoRequestUntilTheNextBackOffHasPassed() {
    exchange(Outcome.CONNECT_FAILED);
    pipeline.advance(Duration.ofMillis(100));
    exchange(Outcome.CONNECT_FAILED);
    pipeline.advance(Duration.ofMillis(199));
    assertThat(pipeline.get("/early")).isSameAs(Capture.none());
    pipeline.advance(Duration.ofMillis(1));
    assertThat(pipeline.get("/probe")).isNotSameAs(Capture.none());
  }

  @ParameterizedTest
  @EnumSource(
      value = Outcome.class,
      names = {"REJECTED", "THROTTLED"})
  void rejectionClosesIt(Outcome refusal) {
    exchange(Outcome.CONNECT_FAILED);
    pipeline.advance(Duration.ofMillis(100));
    exchange(refusal);
    assertThat(isUp()).isTrue();
  }

  @Test
  void probesWithOneCopyAtATimeAndExponentialBackoff() {
    pipeline.target(target -> target.maxInFlight(1));
    for (int i = 0; i < 12; i++) {
      pipeline.get("/" + i);
    }
    pipeline.settle();
    long[] backOffs = {100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000};
    for (int i = 0; i < backOffs.length; i++) {
      pipeline.sender().last().respond(Outcome.CONNECT_FAILED);
      pipeline.settle();
      assertThat(pipeline.sender().sent()).as("after failure %s", i).hasSize(i + 1);
      pipeline.advance(Duration.ofMillis(backOffs[i] - 1));
      assertThat(pipeline.sender().sent()).as("before back-off %s", i).hasSize(i + 1);
      pipeline.advance(Duration.ofMillis(1));
      assertThat(pipeline.sender().sent()).as("after back-off %s", i).hasSize(i + 2);
    }
    pipeline.sender().last().respond(Outcome.ACCEPTED);
    pipeline.settle();
    assertThat(isUp()).isTrue();
    assertThat(pipeline.sender().sent()).hasSize(11);
    pipeline.sender().last().respond(Outcome.ACCEPTED);
    pipeline.settle();
    pipeline.sender().last().respond(Outcome.ACCEPTED);
  }

  @Test
  void sendsOneProbeWithoutOthers() {
    for (int i = 0; i < 3; i++) {
      pipeline.get("/first/" + i);
    }
    pipeline.settle();
    pipeline.sender().sent().forEach(sent -> sent.respond(Outcome.CONNECT_FAILED));
    // All three were in flight together, so they count as one failure with the shortest back-off.
    pipeline.settle();
    pipeline.advance(Duration.ofMillis(100));
    assertThat(pipeline.get("/probe")).isNotSameAs(Capture.none());
    pipeline.settle();
    assertThat(pipeline.sender().sent()).hasSize(4);
    pipeline.advance(Duration.ofMillis(100));
    assertThat(pipeline.get("/second")).isSameAs(Capture.none());
    pipeline.sender().last().respond(Outcome.ACCEPTED);
    pipeline.settle();
    assertThat(pipeline.get("/after")).isNotSameAs(Capture.none());
    pipeline.settle();
    assertThat(pipeline.sender().paths()).endsWith("/probe", "/after");
    pipeline.sender().last().respond(Outcome.ACCEPTED);
  }

  @Test
  void backOffRestartsAfterRecovery() {
    exchange(Outcome.CONNECT_FAILED);
    pipeline.advance(Duration.ofMillis(100));
    exchange(Outcome.CONNECT_FAILED);
    pipeline.advance(Duration.ofMillis(200));
    exchange(Outcome.ACCEPTED);
    exchange(Outcome.CONNECT_FAILED);
    pipeline.advance(Duration.ofMillis(100));
    exchange(Outcome.ACCEPTED);
    assertThat(isUp()).isTrue();
  }

  /** Newer copies must not overtake older ones that waited while the target was down. */
  @Test
  void sendsOldCopiesBeforeNewOnesAfterRecovery() {
    pipeline.order(MirrorOrder.FIFO);
    pipeline.get("/0");
    pipeline.get("/1");
    pipeline.get("/2");
    pipeline.settle();
    pipeline.sender().last().respond(Outcome.CONNECT_FAILED);
    pipeline.advance(Duration.ofMillis(100));
    pipeline.get("/3");
    for (int i = 1; i <= 3; i++) {
      pipeline.settle();
      assertThat(pipeline.sender().paths())
          .isEqualTo(List.of("/0", "/1", "/2", "/3").subList(0, i + 1));
      pipeline.sender().last().respond(Outcome.ACCEPTED);
    }
  }
}
