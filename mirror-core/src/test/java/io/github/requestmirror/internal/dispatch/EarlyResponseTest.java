package io.github.requestmirror.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Requests to which the primary responds before their body ends. */
class EarlyResponseTest {
  private static final Duration QUEUE_TIME = Duration.ofSeconds(32);
  private static final Duration STEP = Duration.ofMillis(100);

  @RegisterExtension final TestPipeline pipeline = new TestPipeline();
  private final List<Capture> endless = new ArrayList<>();

  @BeforeEach
  void respondToAllCopies() {
    pipeline.target(target -> target.maxQueueTime(QUEUE_TIME));
    pipeline.sender().automatic(sent -> Outcome.ACCEPTED);
  }

  @AfterEach
  void endBodies() {
    endless.forEach(capture -> capture.abandon(Outcome.BODY_INCOMPLETE));
    pipeline.settle();
  }

  /** The primary responds after so many bytes, and no more arrive. */
  private Capture respondEarly(String tenant, int bytes) {
    Capture capture = pipeline.open("POST", "/early", "X-Scope-OrgID", tenant);
    capture.write(new byte[bytes], 0, bytes);
    capture.primaryResponded(413);
    endless.add(capture);
    return capture;
  }

  /** Returns how long a copy behind all requests so far waits until it is sent. */
  private Duration waitOfNextCopy(String tenant) {
    Capture capture = pipeline.open("POST", "/next", "X-Scope-OrgID", tenant);
    capture.complete();
    capture.primaryResponded(204);
    pipeline.settle();
    Duration waited = Duration.ZERO;
    int before = pipeline.sender().sent().size();
    while (pipeline.offered() - pipeline.ended() > open() && waited.compareTo(QUEUE_TIME) <= 0) {
      pipeline.advance(STEP);
      waited = waited.plus(STEP);
    }
    assertThat(pipeline.count(Outcome.EXPIRED)).as("expired after %s", waited).isZero();
    assertThat(pipeline.sender().sent().size()).isGreaterThanOrEqualTo(before);
    return waited;
  }

  private long open() {
    return endless.stream().filter(Capture::active).count();
  }

  @Test
  void copyBehindARequestWithoutEndIsSent_beforeItExpires() {
    respondEarly("a", 1);
    assertThat(waitOfNextCopy("a")).isBetween(QUEUE_TIME.dividedBy(4), QUEUE_TIME.dividedBy(2));
    assertThat(pipeline.sender().paths()).containsExactly("/next");
  }

  @Test
  void requestWithoutEndHoldsItsScopeOnce_notAgainForEach() {
    Duration first = Duration.ZERO;
    Duration others = Duration.ZERO;
    for (int i = 0; i < 5; i++) {
      respondEarly("a", 1);
      Duration waited = waitOfNextCopy("a");
      if (i == 0) {
        first = waited;
      } else {
        others = others.plus(waited);
      }
    }
    assertThat(pipeline.sender().paths()).hasSize(5).containsOnly("/next");
    assertThat(first).isLessThanOrEqualTo(QUEUE_TIME.dividedBy(2));
    assertThat(others).isLessThanOrEqualTo(first.dividedBy(2));
  }

  /** The memory of their captures is released, and the captures end, but not what was learned. */
  @Test
  void requestsWithoutEndHoldTheirScopeOnce_althoughTheirCapturesEnd() {
    respondEarly("a", 5000);
    Duration first = waitOfNextCopy("a");
    pipeline.advance(QUEUE_TIME);
    assertThat(pipeline.count(Outcome.CAPTURE_TOO_SLOW)).isEqualTo(1);
    respondEarly("a", 5000);
    assertThat(waitOfNextCopy("a")).isLessThanOrEqualTo(first.dividedBy(8));
  }

  @Test
  void overlappingRequestsWithoutEndDelayNoCopyForLonger() {
    for (int i = 0; i < 5; i++) {
      respondEarly("a", 1);
      pipeline.advance(STEP);
    }
    assertThat(waitOfNextCopy("a")).isLessThanOrEqualTo(QUEUE_TIME.dividedBy(2));
  }

  @Test
  void otherScopeDoesNotLosePatience() {
    respondEarly("a", 1);
    Duration first = waitOfNextCopy("a");
    respondEarly("b", 1);
    assertThat(waitOfNextCopy("b")).isEqualTo(first);
  }

  /** A body that ends shows that the next one may end, too. */
  @Test
  void bodyThatEndsInTimeIsSent_andRestoresThePatience() {
    respondEarly("a", 1);
    Duration first = waitOfNextCopy("a");
    Capture short1 = respondEarly("a", 1);
    pipeline.advance(Duration.ofMillis(500));
    short1.complete();
    pipeline.settle();
    assertThat(pipeline.sender().paths()).containsExactly("/next", "/early");
    respondEarly("a", 1);
    assertThat(waitOfNextCopy("a")).isEqualTo(first);
  }
}
