package io.github.requestmirror.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Outcome;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Copies that wait for the primary's status. */
class PrimaryStatusTest {
  @RegisterExtension final TestLeg leg = new TestLeg();

  @BeforeEach
  void waitForSuccess() {
    leg.whenPrimaryAnswers(2).target(target -> target.maxAge(Duration.ofSeconds(5)));
  }

  private Capture post(String path) {
    Capture capture = leg.open("POST", path);
    capture.write(new byte[10_000], 0, 10_000);
    return capture;
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 204, 299})
  void wantedStatusAfterTheBodySends(int status) {
    Capture capture = post("/");
    capture.complete();
    leg.settle();
    assertThat(leg.sender().sent()).isEmpty();
    assertThat(leg.leg().queued()).isEqualTo(1);
    capture.primaryAnswered(status);
    leg.settle();
    assertThat(leg.sender().sent()).hasSize(1);
    assertThat(leg.sender().sent().get(0).body()).hasSize(10_000);
    leg.sender().last().answer(Outcome.ACCEPTED);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 99, 100, 199, 300, 404, 429, 500, 503, 600, 1200})
  void otherStatusAfterTheBodySkipsAndFrees(int status) {
    Capture capture = post("/");
    capture.complete();
    capture.primaryAnswered(status);
    leg.settle();
    assertThat(leg.sender().sent()).isEmpty();
    assertThat(leg.count(Outcome.PRIMARY_STATUS)).isEqualTo(1);
    assertThat(leg.bufferedBytes()).isZero();
    assertThat(leg.leg().queued()).isZero();
  }

  @Test
  void wantedStatusBeforeTheBodySendsOnceTheBodyIsThere() {
    Capture capture = post("/");
    capture.primaryAnswered(200);
    leg.settle();
    assertThat(leg.sender().sent()).isEmpty();
    capture.complete();
    leg.settle();
    assertThat(leg.sender().sent()).hasSize(1);
    leg.sender().last().answer(Outcome.ACCEPTED);
  }

  @Test
  void otherStatusBeforeTheBodyEndsTheCapture() {
    Capture capture = post("/");
    capture.primaryAnswered(503);
    assertThat(capture.active()).isFalse();
    assertThat(leg.bufferedBytes()).isLessThan(1000);
    capture.complete();
    leg.settle();
    assertThat(leg.sender().sent()).isEmpty();
    assertThat(leg.count(Outcome.PRIMARY_STATUS)).isEqualTo(1);
  }

  @Test
  void onlyTheFirstAnswerCounts() {
    Capture capture = post("/");
    capture.complete();
    capture.primaryAnswered(200);
    capture.primaryAnswered(500);
    leg.settle();
    assertThat(leg.sender().sent()).hasSize(1);
    leg.sender().last().answer(Outcome.ACCEPTED);
    leg.settle();
    assertThat(leg.count(Outcome.PRIMARY_STATUS)).isZero();
  }

  @Test
  void copyWhoseAnswerDoesNotComeExpires() {
    Capture capture = post("/");
    capture.complete();
    leg.advance(Duration.ofSeconds(5));
    assertThat(leg.count(Outcome.EXPIRED)).isEqualTo(1);
    assertThat(leg.bufferedBytes()).isZero();
    capture.primaryAnswered(200);
    leg.settle();
    assertThat(leg.sender().sent()).isEmpty();
  }

  @Test
  void lateRefusalOfAnExpiredCopyCountsForNothing() {
    Capture capture = post("/");
    capture.complete();
    leg.advance(Duration.ofSeconds(5));
    capture.primaryAnswered(503);
    leg.settle();
    assertThat(leg.count(Outcome.EXPIRED)).isEqualTo(1);
    assertThat(leg.count(Outcome.PRIMARY_STATUS)).isZero();
    assertThat(leg.bufferedBytes()).isZero();
  }

  @Test
  void lateAnswerOfOneHoldsNoOtherUp() {
    Capture waits = post("/waits");
    waits.complete();
    Capture goes = post("/goes");
    goes.complete();
    goes.primaryAnswered(200);
    leg.settle();
    assertThat(leg.sender().paths()).containsExactly("/goes");
    leg.sender().last().answer(Outcome.ACCEPTED);
    waits.primaryAnswered(0);
  }

  /** While the target is down and what waits can't go, the thread must not spin. */
  @Test
  void waitingForThePrimaryWhileTheTargetIsDownCostsNoTurns() {
    Capture refused = post("/refused");
    refused.complete();
    refused.primaryAnswered(200);
    leg.settle();
    Capture waits = post("/waits");
    waits.complete();
    leg.sender().last().answer(Outcome.CONNECT_FAILED);
    leg.advance(Duration.ofSeconds(1));
    assertThat(leg.leg().isUp()).isFalse();
    long turns = leg.clock().turns();
    await()
        .during(Duration.ofMillis(200))
        .atMost(Duration.ofSeconds(1))
        .until(() -> leg.clock().turns() - turns < 20);
    waits.primaryAnswered(200);
    leg.settle();
    assertThat(leg.sender().paths()).containsExactly("/refused", "/waits");
    leg.sender().last().answer(Outcome.ACCEPTED);
    leg.settle();
    assertThat(leg.leg().isUp()).isTrue();
  }
}
