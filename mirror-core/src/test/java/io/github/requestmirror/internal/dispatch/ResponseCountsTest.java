package io.github.requestmirror.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Capture;
import io.github.requestmirror.MirrorOrder;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.internal.accounting.ResponseCounts;
import io.github.requestmirror.internal.accounting.ScopeLosses;
import io.github.requestmirror.internal.send.Sender;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is counted of the responses to a copy, and of losses. */
class ResponseCountsTest {
  private static final String TENANT = "X-Scope-OrgID";

  @RegisterExtension final TestPipeline pipeline = new TestPipeline();

  @BeforeEach
  void sendAtOnce() {
    pipeline.order(MirrorOrder.NONE);
  }

  private ResponseCounts responses() {
    return pipeline.pipeline().responses();
  }

  private long pair(int primaryClass, int targetClass) {
    return responses().pairs()[primaryClass * ResponseCounts.CLASSES + targetClass];
  }

  private long pairs() {
    return Arrays.stream(responses().pairs()).sum();
  }

  private void respond(Outcome outcome, int status) {
    pipeline
        .sender()
        .last()
        .respond(new Sender.Result(outcome, status, null, null, Duration.ZERO, false));
  }

  private static long count(long[] counts) {
    return Arrays.stream(counts).sum();
  }

  @Test
  void pairIsCounted_whenThePrimaryRespondsFirst() {
    Capture capture = pipeline.get("/");
    capture.primaryResponded(204);
    pipeline.settle();
    assertThat(pairs()).isZero();
    respond(Outcome.REJECTED, 400);
    pipeline.settle();

    assertThat(pair(2, 4)).isEqualTo(1);
    assertThat(pairs()).isEqualTo(1);
  }

  @Test
  void pairIsCounted_whenTheTargetRespondsFirst() {
    Capture capture = pipeline.get("/");
    pipeline.settle();
    respond(Outcome.UNAVAILABLE, 503);
    pipeline.settle();
    assertThat(pairs()).isZero();
    capture.primaryResponded(404);
    capture.primaryResponded(200);

    assertThat(pair(4, 5)).isEqualTo(1);
    assertThat(pairs()).isEqualTo(1);
  }

  @Test
  void pairHasNoClass_forAFailedCopyAndAPrimaryWithoutResponse() {
    Capture capture = pipeline.get("/");
    pipeline.settle();
    pipeline.sender().last().respond(Outcome.IO_ERROR);
    pipeline.settle();
    capture.primaryResponded(0);

    assertThat(pair(0, 0)).isEqualTo(1);
    assertThat(pairs()).isEqualTo(1);
  }

  @Test
  void pairIsNotCounted_forACopyThatWasNotSent() {
    pipeline.target(target -> target.maxInFlight(1).maxQueueTime(Duration.ofSeconds(1)));
    pipeline.get("/first").primaryResponded(200);
    pipeline.get("/second").primaryResponded(200);
    pipeline.advance(Duration.ofSeconds(1));
    pipeline.sender().last().respond(Outcome.ACCEPTED);
    pipeline.settle();

    assertThat(pipeline.count(Outcome.EXPIRED)).isEqualTo(1);
    assertThat(pair(2, 2)).isEqualTo(1);
    assertThat(pairs()).isEqualTo(1);
  }

  @Test
  void durationsAreThoseOfTheLastAttemptAndOfTheWholeRequest() {
    pipeline.target(target -> target.maxRetries(1).maxQueueTime(Duration.ofMinutes(1)));
    Capture capture = pipeline.get("/");
    pipeline.advance(Duration.ofSeconds(2));
    pipeline.sender().last().respond(Outcome.UNAVAILABLE);
    pipeline.settle();
    assertThat(count(responses().ofTarget().counts())).isZero();
    while (pipeline.sender().sent().size() < 2) {
      pipeline.advance(Duration.ofMillis(100));
    }
    pipeline.advance(Duration.ofMillis(30));
    pipeline.sender().last().respond(Outcome.ACCEPTED);
    pipeline.settle();
    pipeline.advance(Duration.ofSeconds(7));
    capture.primaryResponded(200);

    assertThat(responses().ofTarget().totalMicros()).isEqualTo(30_000);
    assertThat(count(responses().ofTarget().counts())).isEqualTo(1);
    assertThat(responses().ofPrimary().totalMicros()).isGreaterThan(9_000_000);
    assertThat(count(responses().ofPrimary().counts())).isEqualTo(1);
  }

  @Test
  void lossesAreCountedByScope_thoseBeforeTheCaptureToo() {
    pipeline.target(target -> target.maxBodyBytes(10));
    pipeline.open("POST", "/", TENANT, "large", "Content-Length", "11");
    pipeline.open("POST", "/", TENANT, "fine").complete();
    pipeline.settle();
    pipeline.sender().last().respond(Outcome.ACCEPTED);
    pipeline.open("POST", "/", TENANT, "down").complete();
    pipeline.settle();
    pipeline.sender().last().respond(Outcome.CONNECT_FAILED);
    pipeline.settle();
    assertThat(pipeline.open("POST", "/", TENANT, "down")).isSameAs(Capture.none());

    assertThat(pipeline.count(Outcome.BODY_TOO_LARGE)).isEqualTo(1);
    assertThat(pipeline.count(Outcome.TARGET_DOWN)).isEqualTo(1);
    ScopeLosses losses = pipeline.pipeline().scopeLosses();
    assertThat(
            losses.losses().stream()
                .collect(Collectors.toMap(ScopeLosses.Loss::scope, ScopeLosses.Loss::count)))
        .isEqualTo(Map.of("large", 1L, "down", 2L));
    assertThat(losses.total()).isEqualTo(3);
  }
}
