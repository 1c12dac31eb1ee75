package io.github.requestmirror.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Capture;
import io.github.requestmirror.MirrorOrder;
import io.github.requestmirror.Outcome;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Complete copies that the adapter holds and may abandon. */
class HeldCopyTest {
  @RegisterExtension final TestPipeline pipeline = new TestPipeline();

  private Capture held(String path) {
    Capture capture = pipeline.open("POST", path);
    capture.hold();
    capture.write(new byte[10_000], 0, 10_000);
    return capture;
  }

  private List<String> sent() {
    pipeline.settle();
    return pipeline.sender().paths();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 200, 413, 503})
  void sendsAfterAnyPrimaryStatus(int status) {
    Capture capture = held("/");
    capture.complete();
    assertThat(sent()).isEmpty();
    assertThat(pipeline.pipeline().waiting().all()).isEqualTo(1);
    capture.primaryResponding();
    assertThat(sent()).isEmpty();
    capture.primaryResponded(status);
    assertThat(sent()).hasSize(1);
    assertThat(pipeline.sender().last().body()).hasSize(10_000);
    pipeline.sender().last().respond(Outcome.ACCEPTED);
  }

  @Test
  void sendsAtTheEndOfTheBody_whenThePrimaryRespondedEarlier() {
    Capture capture = held("/");
    capture.primaryResponded(200);
    assertThat(sent()).isEmpty();
    capture.complete();
    assertThat(sent()).hasSize(1);
    pipeline.sender().last().respond(Outcome.ACCEPTED);
  }

  @Test
  void abandonAfterCompleteReleasesTheCopy() {
    Capture capture = held("/");
    capture.complete();
    capture.abandon(Outcome.BODY_INCOMPLETE);
    assertThat(pipeline.bufferedBytes()).isLessThan(2000);
    capture.primaryResponded(200);
    assertThat(sent()).isEmpty();
    assertThat(pipeline.bufferedBytes()).isZero();
    assertThat(pipeline.pipeline().waiting().all()).isZero();
    assertThat(pipeline.count(Outcome.BODY_INCOMPLETE)).isEqualTo(1);
  }

  @Test
  void abandonAfterTheResponseHasNoEffect() {
    Capture capture = held("/");
    capture.complete();
    capture.primaryResponded(200);
    capture.abandon(Outcome.BODY_INCOMPLETE);
    assertThat(sent()).hasSize(1);
    pipeline.sender().last().respond(Outcome.ACCEPTED);
    pipeline.settle();
    assertThat(pipeline.count(Outcome.ACCEPTED)).isEqualTo(1);
  }

  @Test
  void abandonAfterCompleteHasNoEffect_withoutHold() {
    Capture capture = pipeline.open("POST", "/");
    capture.complete();
    capture.hold();
    capture.abandon(Outcome.BODY_INCOMPLETE);
    assertThat(sent()).hasSize(1);
    pipeline.sender().last().respond(Outcome.ACCEPTED);
  }

  @Test
  void skipsStatusThatThePolicyDoesNotSelect() {
    pipeline.whenPrimaryResponds(2);
    Capture capture = held("/");
    capture.complete();
    capture.primaryResponded(503);
    assertThat(sent()).isEmpty();
    assertThat(pipeline.count(Outcome.PRIMARY_STATUS)).isEqualTo(1);
  }

  /** The place in the order is that of the body's end, so that these requests overlapped. */
  @Test
  void copiesThatOverlappedAtThePrimaryOverlapAtTheTarget() {
    Capture first = held("/first");
    first.complete();
    Capture second = held("/second");
    second.complete();
    first.primaryResponded(200);
    second.primaryResponded(200);
    Capture third = held("/third");
    third.complete();
    third.primaryResponded(200);
    assertThat(sent()).containsExactly("/first", "/second");
    pipeline.sender().sent().forEach(exchange -> exchange.respond(Outcome.ACCEPTED));
    assertThat(sent()).containsExactly("/first", "/second", "/third");
    pipeline.sender().last().respond(Outcome.ACCEPTED);
  }

  /** The client may know the first response before primaryResponded is called. */
  @Test
  void fifo_waitsForRequestsRespondedBeforeTheCapture() {
    pipeline.order(MirrorOrder.FIFO);
    Capture first = held("/first");
    first.complete();
    first.primaryResponding();
    Capture second = held("/second");
    second.complete();
    second.primaryResponded(200);
    assertThat(sent()).isEmpty();
    first.primaryResponded(200);
    assertThat(sent()).containsExactly("/first");
    pipeline.sender().last().respond(Outcome.ACCEPTED);
    assertThat(sent()).containsExactly("/first", "/second");
    pipeline.sender().last().respond(Outcome.ACCEPTED);
  }

  /** A primary slower than the queue time costs no copy. */
  @Test
  void timeInTheQueueBeginsAtTheResponse() {
    pipeline.target(
        target ->
            target
                .maxQueueTime(Duration.ofSeconds(5))
                .callTimeout(Duration.ofHours(1))
                .maxInFlight(1));
    pipeline.get("/first");
    Capture capture = held("/slow");
    capture.complete();
    pipeline.advance(Duration.ofSeconds(60));
    capture.primaryResponded(200);
    pipeline.advance(Duration.ofMillis(4999));
    assertThat(pipeline.count(Outcome.EXPIRED)).isZero();
    pipeline.advance(Duration.ofMillis(1));
    assertThat(pipeline.count(Outcome.EXPIRED)).isEqualTo(1);
  }

  @Test
  void expires_copyHeldTooLong() {
    Capture capture = held("/");
    capture.complete();
    pipeline.advance(Duration.ofMinutes(5));
    assertThat(pipeline.count(Outcome.EXPIRED)).isEqualTo(1);
    capture.abandon(Outcome.BODY_INCOMPLETE);
    capture.primaryResponded(200);
    assertThat(sent()).isEmpty();
    assertThat(pipeline.ended()).isEqualTo(1);
  }
}
