package io.github.requestmirror.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Outcome;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Copies of a policy that waits for the primary's status. */
class PrimaryStatusTest {
  private static final Duration LONGEST_HOLD = Duration.ofMinutes(5);

  @RegisterExtension final TestPipeline pipeline = new TestPipeline();

  @BeforeEach
  void waitForSuccess() {
    pipeline.whenPrimaryResponds(2).target(target -> target.maxQueueTime(Duration.ofSeconds(5)));
  }

  private Capture post(String path) {
    Capture capture = pipeline.open("POST", path);
    capture.write(new byte[10_000], 0, 10_000);
    return capture;
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 204, 299})
  void sends_selectedStatusAfterTheBody(int status) {
    Capture capture = post("/");
    capture.complete();
    pipeline.settle();
    assertThat(pipeline.sender().sent()).isEmpty();
    assertThat(pipeline.pipeline().waiting().all()).isEqualTo(1);
    capture.primaryResponded(status);
    pipeline.settle();
    assertThat(pipeline.sender().sent()).hasSize(1);
    assertThat(pipeline.sender().sent().get(0).body()).hasSize(10_000);
    pipeline.sender().last().respond(Outcome.ACCEPTED);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 99, 100, 199, 300, 404, 429, 500, 503, 600, 1200})
  void skips_otherStatusAfterTheBody(int status) {
    Capture capture = post("/");
    capture.complete();
    capture.primaryResponded(status);
    pipeline.settle();
    assertThat(pipeline.sender().sent()).isEmpty();
    assertThat(pipeline.count(Outcome.PRIMARY_STATUS)).isEqualTo(1);
    assertThat(pipeline.bufferedBytes()).isZero();
    assertThat(pipeline.pipeline().waiting().all()).isZero();
  }

  @Test
  void sendsAfterTheBody_selectedStatusBeforeTheBody() {
    Capture capture = post("/");
    capture.primaryResponded(200);
    pipeline.settle();
    assertThat(pipeline.sender().sent()).isEmpty();
    capture.complete();
    pipeline.settle();
    assertThat(pipeline.sender().sent()).hasSize(1);
    pipeline.sender().last().respond(Outcome.ACCEPTED);
  }

  @Test
  void endsTheCapture_otherStatusBeforeTheBody() {
    Capture capture = post("/");
    capture.primaryResponded(503);
    assertThat(capture.active()).isFalse();
    assertThat(pipeline.bufferedBytes()).isLessThan(2000);
    capture.complete();
    pipeline.settle();
    assertThat(pipeline.sender().sent()).isEmpty();
    assertThat(pipeline.count(Outcome.PRIMARY_STATUS)).isEqualTo(1);
  }

  @Test
  void onlyTheFirstStatusHasAnEffect() {
    Capture capture = post("/");
    capture.complete();
    capture.primaryResponded(200);
    capture.primaryResponded(500);
    pipeline.settle();
    assertThat(pipeline.sender().sent()).hasSize(1);
    pipeline.sender().last().respond(Outcome.ACCEPTED);
    pipeline.settle();
    assertThat(pipeline.count(Outcome.PRIMARY_STATUS)).isZero();
  }

  @Test
  void expires_copyWithoutPrimaryResponse() {
    Capture capture = post("/");
    capture.complete();
    pipeline.advance(LONGEST_HOLD.minusMillis(1));
    assertThat(pipeline.ended()).isZero();
    pipeline.advance(Duration.ofMillis(1));
    assertThat(pipeline.count(Outcome.EXPIRED)).isEqualTo(1);
    assertThat(pipeline.bufferedBytes()).isZero();
    capture.primaryResponded(200);
    pipeline.settle();
    assertThat(pipeline.sender().sent()).isEmpty();
  }

  @Test
  void ignoresStatusOfAnExpiredCopy() {
    Capture capture = post("/");
    capture.complete();
    pipeline.advance(LONGEST_HOLD);
    capture.primaryResponded(503);
    pipeline.settle();
    assertThat(pipeline.count(Outcome.EXPIRED)).isEqualTo(1);
    assertThat(pipeline.count(Outcome.PRIMARY_STATUS)).isZero();
    assertThat(pipeline.bufferedBytes()).isZero();
  }

  @Test
  void lateResponseDelaysNoOtherCopy() {
    Capture waits = post("/waits");
    waits.complete();
    Capture goes = post("/goes");
    goes.complete();
    goes.primaryResponded(200);
    pipeline.settle();
    assertThat(pipeline.sender().paths()).containsExactly("/goes");
    pipeline.sender().last().respond(Outcome.ACCEPTED);
    waits.primaryResponded(0);
  }

  /** While the target is down and no copy can be sent, the thread must not run in a busy loop. */
  @Test
  void doesNotBusyLoop_waitingForThePrimaryWhileTheTargetIsDown() {
    Capture refused = post("/refused");
    refused.complete();
    refused.primaryResponded(200);
    pipeline.settle();
    Capture waits = post("/waits");
    waits.complete();
    pipeline.sender().last().respond(Outcome.CONNECT_FAILED);
    pipeline.advance(Duration.ofSeconds(1));
    assertThat(pipeline.pipeline().isUp()).isFalse();
    assertThat(pipeline.sender().lastWait()).isGreaterThan(Duration.ofSeconds(1));
    waits.primaryResponded(200);
    pipeline.settle();
    assertThat(pipeline.sender().paths()).containsExactly("/refused", "/waits");
    pipeline.sender().last().respond(Outcome.ACCEPTED);
    pipeline.settle();
    assertThat(pipeline.pipeline().isUp()).isTrue();
  }
}
