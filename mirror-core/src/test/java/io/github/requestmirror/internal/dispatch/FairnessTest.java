package io.github.requestmirror.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Capture;
import io.github.requestmirror.MirrorOrder;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.internal.send.Sender;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One tenant whose copies fail, hang or wait does not take the mirror from another. */
class FairnessTest {
  private static final int BODY = 10_000;

  @RegisterExtension final TestPipeline pipeline = new TestPipeline();

  @BeforeEach
  void sendWithoutOrder() {
    pipeline.order(MirrorOrder.NONE).target(target -> target.maxInFlight(18));
  }

  /** Captures a request; returns whether it was captured. */
  private boolean post(String tenant) {
    Capture capture = pipeline.open("POST", "/" + tenant, "X-Scope-OrgID", tenant);
    capture.write(new byte[BODY], 0, BODY);
    boolean captured = capture.active();
    capture.complete();
    capture.primaryResponded(204);
    return captured;
  }

  private List<ManualSender.Sent> sent() {
    pipeline.settle();
    return pipeline.sender().sent();
  }

  private long sentOf(String tenant) {
    return sent().stream().filter(sent -> sent.path().equals("/" + tenant)).count();
  }

  private void automatic(Outcome bad) {
    pipeline.sender().automatic(sent -> sent.path().equals("/bad") ? bad : Outcome.ACCEPTED);
  }

  @ParameterizedTest
  @EnumSource(
      value = Outcome.class,
      names = {"UNAVAILABLE", "IO_ERROR", "TIMEOUT"})
  void tenantThatAlwaysFails_costsTheOtherNothing(Outcome failure) {
    automatic(failure);
    int captured = 0;
    for (int i = 0; i < 2000; i++) {
      for (int burst = 0; burst < 10; burst++) {
        post("bad");
      }
      if (i % 2 == 0) {
        captured += post("good") ? 1 : 0;
      }
      pipeline.advance(Duration.ofMillis(5));
    }
    assertThat(captured).isEqualTo(1000);
    assertThat(sentOf("good")).isEqualTo(1000);
    // The other one backs off instead of failing 20 000 times.
    assertThat(sentOf("bad")).isLessThan(100);
    assertThat(pipeline.count(Outcome.SCOPE_DOWN)).isGreaterThan(19_000);
    assertThat(pipeline.count(Outcome.TARGET_DOWN)).isZero();
  }

  /** Its requests are so rare that only those of the failing tenant tell how the target is. */
  @Test
  void tenantThatIsRare_isMirroredWhileTheOtherKeepsTheBreakerOpen() {
    automatic(Outcome.UNAVAILABLE);
    for (int minute = 0; minute < 10; minute++) {
      for (int i = 0; i < 60; i++) {
        post("bad");
        pipeline.advance(Duration.ofSeconds(1));
      }
      assertThat(post("good")).isTrue();
      pipeline.settle();
      assertThat(sentOf("good")).isEqualTo(minute + 1);
    }
  }

  @Test
  void loneTenantThatFails_opensTheBreaker() {
    automatic(Outcome.UNAVAILABLE);
    for (int i = 0; i < 10; i++) {
      assertThat(pipeline.pipeline().isUp()).isTrue();
      post("bad");
      pipeline.settle();
    }
    assertThat(pipeline.pipeline().isUp()).isFalse();
    assertThat(post("bad")).isFalse();
    assertThat(pipeline.count(Outcome.TARGET_DOWN)).isEqualTo(1);
  }

  @Test
  void scopeThatRecovers_isMirroredAgain() {
    automatic(Outcome.UNAVAILABLE);
    post("good");
    for (int i = 0; i < 10; i++) {
      post("bad");
      pipeline.settle();
    }
    assertThat(post("bad")).isFalse();
    assertThat(pipeline.count(Outcome.SCOPE_DOWN)).isEqualTo(1);
    automatic(Outcome.ACCEPTED);
    pipeline.advance(Duration.ofMillis(100));
    assertThat(post("bad")).as("probe").isTrue();
    assertThat(post("bad")).as("beside the probe").isFalse();
    pipeline.settle();
    assertThat(post("bad")).as("after the probe").isTrue();
  }

  @Test
  void hangingTenant_leavesPlacesInFlight() {
    pipeline.target(target -> target.callTimeout(Duration.ofHours(1)));
    post("good");
    sent().get(0).respond(Outcome.ACCEPTED);
    for (int i = 0; i < 100; i++) {
      post("bad");
    }
    assertThat(sentOf("bad")).isEqualTo(16);
    for (int i = 0; i < 100; i++) {
      post("good");
      assertThat(sentOf("good")).isEqualTo(i + 2);
      pipeline.sender().last().respond(Outcome.ACCEPTED);
    }
  }

  @Test
  void loneTenant_hasAllPlacesAndTheWholeBuffer() {
    pipeline.target(
        target ->
            target.bufferBytes(64 * BODY).maxBodyBytes(BODY).callTimeout(Duration.ofHours(1)));
    int captured = 0;
    while (post("bad")) {
      captured++;
    }
    assertThat(captured).isGreaterThan(35);
    assertThat(sentOf("bad")).isEqualTo(18);
    assertThat(pipeline.count(Outcome.BUFFER_FULL)).isEqualTo(1);
    assertThat(pipeline.count(Outcome.SCOPE_FULL)).isZero();
  }

  @Test
  void hangingTenant_leavesRoomInTheBuffer() {
    pipeline.target(
        target ->
            target.bufferBytes(64 * BODY).maxBodyBytes(BODY).callTimeout(Duration.ofHours(1)));
    post("good");
    sent().get(0).respond(Outcome.ACCEPTED);
    int bad = 0;
    while (post("bad")) {
      bad++;
    }
    assertThat(bad).isGreaterThan(30);
    assertThat(pipeline.count(Outcome.SCOPE_FULL)).isEqualTo(1);
    for (int i = 0; i < 100; i++) {
      assertThat(post("good")).isTrue();
      pipeline.settle();
      pipeline.sender().last().respond(Outcome.ACCEPTED);
      pipeline.settle();
    }
  }

  /** After a minute without another one, a tenant is alone again. */
  @Test
  void shareEnds_whenTheOtherIsSilent() {
    pipeline.target(
        target -> target.callTimeout(Duration.ofHours(1)).maxQueueTime(Duration.ofHours(1)));
    post("good");
    sent().get(0).respond(Outcome.ACCEPTED);
    for (int i = 0; i < 100; i++) {
      post("bad");
    }
    assertThat(sentOf("bad")).isEqualTo(16);
    pipeline.advance(Duration.ofMinutes(1));
    post("bad");
    assertThat(pipeline.pipeline().inFlight()).isEqualTo(18);
  }

  @Test
  void copiesWithoutOrder_takeTurns() {
    pipeline.target(target -> target.maxInFlight(1));
    for (int i = 0; i < 1000; i++) {
      post("bad");
      pipeline.settle();
    }
    post("good");
    sent().get(0).respond(Outcome.ACCEPTED);
    pipeline.settle();
    pipeline.sender().last().respond(Outcome.ACCEPTED);
    assertThat(sentOf("good")).isEqualTo(1);
  }

  @Test
  void retryAfter_pausesItsScope_withinALimit() {
    post("good");
    post("bad");
    sent().get(0).respond(Outcome.ACCEPTED);
    sent().get(1).respond(Outcome.THROTTLED, Duration.ofHours(1));
    pipeline.settle();
    assertThat(post("good")).isTrue();
    assertThat(post("bad")).isFalse();
    assertThat(pipeline.count(Outcome.SCOPE_DOWN)).isEqualTo(1);
    pipeline.advance(Duration.ofSeconds(30).minusMillis(1));
    assertThat(post("bad")).isFalse();
    pipeline.advance(Duration.ofMillis(1));
    assertThat(post("bad")).isTrue();
  }

  /** With a starved CPU, the connects of a first burst may time out although the target is well. */
  @Test
  void connectThatTimedOut_isWeighedAsOtherTimeouts() {
    for (int i = 0; i < 9; i++) {
      post("a");
      sent();
      pipeline
          .sender()
          .last()
          .respond(
              Sender.Result.withoutResponse(
                  Outcome.CONNECT_FAILED, new SocketTimeoutException("on purpose")));
    }
    pipeline.settle();
    assertThat(pipeline.pipeline().isUp()).isTrue();
  }

  /** With retries on, a restart of the target costs nothing that fits into queue and buffer. */
  @Test
  void retriesBridgeRefusedConnections() {
    pipeline.target(target -> target.maxRetries(100));
    pipeline.sender().automatic(sent -> Outcome.CONNECT_FAILED);
    for (int i = 0; i < 100; i++) {
      assertThat(post("a")).isTrue();
      pipeline.advance(Duration.ofMillis(50));
    }
    assertThat(pipeline.ended()).isZero();
    pipeline.sender().automatic(sent -> Outcome.ACCEPTED);
    pipeline.advance(Duration.ofSeconds(10));
    pipeline.advance(Duration.ofSeconds(10));
    assertThat(pipeline.count(Outcome.ACCEPTED)).isEqualTo(100);
  }
}
