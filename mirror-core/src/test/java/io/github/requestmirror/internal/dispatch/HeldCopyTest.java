package io.github.requestmirror.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Order;
import io.github.requestmirror.Outcome;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Copies whose adapter may still take them back. */
class HeldCopyTest {
  @RegisterExtension final TestLeg leg = new TestLeg();

  private Capture held(String path) {
    Capture capture = leg.open("POST", path);
    capture.hold();
    capture.write(new byte[10_000], 0, 10_000);
    return capture;
  }

  private List<String> sent() {
    leg.settle();
    return leg.sender().paths();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 200, 413, 503})
  void anyAnswerLetsItGo(int status) {
    Capture capture = held("/");
    capture.complete();
    assertThat(sent()).isEmpty();
    assertThat(leg.leg().queued()).isEqualTo(1);
    capture.primaryAnswering();
    assertThat(sent()).isEmpty();
    capture.primaryAnswered(status);
    assertThat(sent()).hasSize(1);
    assertThat(leg.sender().last().body()).hasSize(10_000);
    leg.sender().last().answer(Outcome.ACCEPTED);
  }

  @Test
  void answerBeforeTheEndOfTheBodyLetsItGoAtItsEnd() {
    Capture capture = held("/");
    capture.primaryAnswered(200);
    assertThat(sent()).isEmpty();
    capture.complete();
    assertThat(sent()).hasSize(1);
    leg.sender().last().answer(Outcome.ACCEPTED);
  }

  @Test
  void abandonedAfterItsEndItIsNotSentAndFreesItsMemoryAtOnce() {
    Capture capture = held("/");
    capture.complete();
    capture.abandon(Outcome.BODY_INCOMPLETE);
    assertThat(leg.bufferedBytes()).isLessThan(1000);
    capture.primaryAnswered(200);
    assertThat(sent()).isEmpty();
    assertThat(leg.bufferedBytes()).isZero();
    assertThat(leg.leg().queued()).isZero();
    assertThat(leg.count(Outcome.BODY_INCOMPLETE)).isEqualTo(1);
  }

  @Test
  void onceAnsweredItCannotBeTakenBack() {
    Capture capture = held("/");
    capture.complete();
    capture.primaryAnswered(200);
    capture.abandon(Outcome.BODY_INCOMPLETE);
    assertThat(sent()).hasSize(1);
    leg.sender().last().answer(Outcome.ACCEPTED);
    leg.settle();
    assertThat(leg.count(Outcome.ACCEPTED)).isEqualTo(1);
  }

  @Test
  void withoutHoldAnEndIsTheEnd() {
    Capture capture = leg.open("POST", "/");
    capture.complete();
    capture.hold();
    capture.abandon(Outcome.BODY_INCOMPLETE);
    assertThat(sent()).hasSize(1);
    leg.sender().last().answer(Outcome.ACCEPTED);
  }

  @Test
  void statusThatThePolicyDoesNotWantStillCounts() {
    leg.whenPrimaryAnswers(2);
    Capture capture = held("/");
    capture.complete();
    capture.primaryAnswered(503);
    assertThat(sent()).isEmpty();
    assertThat(leg.count(Outcome.PRIMARY_STATUS)).isEqualTo(1);
  }

  /** The rule is about the end of the body: those that overlapped at the primary go together. */
  @Test
  void copiesThatOverlappedAtThePrimaryOverlapAtTheTarget() {
    Capture first = held("/first");
    first.complete();
    Capture second = held("/second");
    second.complete();
    first.primaryAnswered(200);
    second.primaryAnswered(200);
    Capture third = held("/third");
    third.complete();
    third.primaryAnswered(200);
    assertThat(sent()).containsExactly("/first", "/second");
    leg.sender().sent().forEach(exchange -> exchange.answer(Outcome.ACCEPTED));
    assertThat(sent()).containsExactly("/first", "/second", "/third");
    leg.sender().last().answer(Outcome.ACCEPTED);
  }

  /** One whose answer is known at the client, and not yet here, must not be overtaken. */
  @Test
  void inFifoOrderTooWhatDependsOnAnAnswerWaits() {
    leg.order(Order.FIFO);
    Capture first = held("/first");
    first.complete();
    first.primaryAnswering();
    Capture second = held("/second");
    second.complete();
    second.primaryAnswered(200);
    assertThat(sent()).isEmpty();
    first.primaryAnswered(200);
    assertThat(sent()).containsExactly("/first");
    leg.sender().last().answer(Outcome.ACCEPTED);
    assertThat(sent()).containsExactly("/first", "/second");
    leg.sender().last().answer(Outcome.ACCEPTED);
  }

  @Test
  void copyThatIsHeldTooLongExpires() {
    leg.target(target -> target.maxAge(Duration.ofSeconds(5)));
    Capture capture = held("/");
    capture.complete();
    leg.advance(Duration.ofSeconds(5));
    assertThat(leg.count(Outcome.EXPIRED)).isEqualTo(1);
    capture.abandon(Outcome.BODY_INCOMPLETE);
    capture.primaryAnswered(200);
    assertThat(sent()).isEmpty();
    assertThat(leg.ended()).isEqualTo(1);
  }
}
