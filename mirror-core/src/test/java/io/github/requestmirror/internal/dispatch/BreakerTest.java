package io.github.requestmirror.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Order;
import io.github.requestmirror.Outcome;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** When the target counts as down, and what happens meanwhile. */
class BreakerTest {
  @RegisterExtension final TestLeg leg = new TestLeg();

  @BeforeEach
  void keepCopiesLong() {
    leg.order(Order.NONE)
        .target(target -> target.maxAge(Duration.ofHours(1)).timeout(Duration.ofMinutes(10)));
  }

  private boolean isUp() {
    leg.settle();
    return leg.leg().isUp();
  }

  private void exchange(Outcome outcome) {
    int before = leg.sender().sent().size();
    leg.get("/exchange");
    leg.settle();
    assertThat(leg.sender().sent()).hasSize(before + 1);
    leg.sender().last().answer(outcome);
    leg.settle();
  }

  @Test
  void oneFailedConnectOpensIt() {
    exchange(Outcome.CONNECT_FAILED);
    assertThat(isUp()).isFalse();
    assertThat(leg.get("/")).isSameAs(Capture.none());
    assertThat(leg.count(Outcome.TARGET_DOWN)).isEqualTo(1);
    assertThat(leg.bufferedBytes()).isZero();
  }

  @ParameterizedTest
  @EnumSource(
      value = Outcome.class,
      names = {"UNAVAILABLE", "IO_ERROR", "TIMEOUT", "INTERNAL_ERROR"})
  void aRunOfTenFailuresOpensIt(Outcome failure) {
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
  void whatIsNoUnavailabilityNeverOpensIt(Outcome outcome) {
    for (int i = 0; i < 50; i++) {
      exchange(outcome);
    }
    assertThat(isUp()).isTrue();
  }

  @Test
  void oneRequestPerBackOffIsAdmittedAndASuccessCloses() {
    exchange(Outcome.CONNECT_FAILED);
    leg.advance(Duration.ofMillis(99));
    assertThat(leg.get("/early")).isSameAs(Capture.none());
    leg.advance(Duration.ofMillis(1));
    assertThat(leg.get("/probe")).isNotSameAs(Capture.none());
    assertThat(leg.get("/second")).isSameAs(Capture.none());
    leg.settle();
    assertThat(leg.sender().paths()).endsWith("/probe");
    assertThat(isUp()).isFalse();
    leg.sender().last().answer(Outcome.ACCEPTED);
    assertThat(isUp()).isTrue();
    leg.get("/after");
    leg.settle();
    assertThat(leg.sender().paths()).endsWith("/after");
    leg.sender().last().answer(Outcome.ACCEPTED);
  }

  @ParameterizedTest
  @EnumSource(
      value = Outcome.class,
      names = {"REJECTED", "THROTTLED"})
  void refusalIsASignOfLife(Outcome refusal) {
    exchange(Outcome.CONNECT_FAILED);
    leg.advance(Duration.ofMillis(100));
    exchange(refusal);
    assertThat(isUp()).isTrue();
  }

  @Test
  void queueIsTriedOneCopyAtATimeAtGrowingIntervals() {
    leg.target(target -> target.maxInFlight(1));
    for (int i = 0; i < 12; i++) {
      leg.get("/" + i);
    }
    leg.settle();
    long[] backOffs = {100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000};
    for (int i = 0; i < backOffs.length; i++) {
      leg.sender().last().answer(Outcome.CONNECT_FAILED);
      leg.settle();
      assertThat(leg.sender().sent()).as("after failure %s", i).hasSize(i + 1);
      leg.advance(Duration.ofMillis(backOffs[i] - 1));
      assertThat(leg.sender().sent()).as("before back-off %s", i).hasSize(i + 1);
      leg.advance(Duration.ofMillis(1));
      assertThat(leg.sender().sent()).as("after back-off %s", i).hasSize(i + 2);
    }
    leg.sender().last().answer(Outcome.ACCEPTED);
    leg.settle();
    assertThat(isUp()).isTrue();
    assertThat(leg.sender().sent()).hasSize(11);
    leg.sender().last().answer(Outcome.ACCEPTED);
    leg.settle();
    leg.sender().last().answer(Outcome.ACCEPTED);
  }

  @Test
  void probeGoesAloneEvenWithRoomForMore() {
    for (int i = 0; i < 3; i++) {
      leg.get("/first/" + i);
    }
    leg.settle();
    leg.sender().sent().forEach(sent -> sent.answer(Outcome.CONNECT_FAILED));
    // All three were in flight together, so they count as one failure: the back-off is the first.
    leg.settle();
    leg.advance(Duration.ofMillis(100));
    assertThat(leg.get("/probe")).isNotSameAs(Capture.none());
    leg.settle();
    assertThat(leg.sender().sent()).hasSize(4);
    leg.advance(Duration.ofMillis(100));
    assertThat(leg.get("/queued")).isNotSameAs(Capture.none());
    leg.settle();
    assertThat(leg.sender().sent()).hasSize(4);
    leg.sender().last().answer(Outcome.ACCEPTED);
    leg.settle();
    assertThat(leg.sender().paths()).endsWith("/probe", "/queued");
    leg.sender().last().answer(Outcome.ACCEPTED);
  }

  @Test
  void backOffStartsAnewAfterARecovery() {
    exchange(Outcome.CONNECT_FAILED);
    leg.advance(Duration.ofMillis(100));
    exchange(Outcome.CONNECT_FAILED);
    leg.advance(Duration.ofMillis(200));
    exchange(Outcome.ACCEPTED);
    exchange(Outcome.CONNECT_FAILED);
    leg.advance(Duration.ofMillis(100));
    exchange(Outcome.ACCEPTED);
    assertThat(isUp()).isTrue();
  }

  /** Newer copies must not go before older ones that waited while the target was down. */
  @Test
  void afterARecoveryTheOldGoBeforeTheNew() {
    leg.order(Order.FIFO);
    leg.get("/0");
    leg.get("/1");
    leg.get("/2");
    leg.settle();
    leg.sender().last().answer(Outcome.CONNECT_FAILED);
    leg.advance(Duration.ofMillis(100));
    leg.get("/3");
    for (int i = 1; i <= 3; i++) {
      leg.settle();
      assertThat(leg.sender().paths()).isEqualTo(List.of("/0", "/1", "/2", "/3").subList(0, i + 1));
      leg.sender().last().answer(Outcome.ACCEPTED);
    }
  }
}
