package io.github.requestmirror.internal.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.internal.dispatch.TestPipeline;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The primary responds with 101, so that what follows is not HTTP. */
class SwitchedProtocolTest {
  @RegisterExtension final TestPipeline pipeline = new TestPipeline();

  private Capture open() {
    return pipeline.open("POST", "/", "Upgrade", "made-up");
  }

  private void assertUpgrade() {
    pipeline.settle();
    assertThat(pipeline.sender().sent()).isEmpty();
    assertThat(pipeline.count(Outcome.UPGRADE)).isEqualTo(1);
    assertThat(pipeline.bufferedBytes()).isZero();
  }

  @Test
  void endsCopyWhoseBodyIsNotComplete() {
    Capture capture = open();
    capture.write(new byte[10], 0, 10);
    capture.primaryResponded(101);
    assertThat(capture.active()).isFalse();
    capture.complete();
    assertUpgrade();
  }

  @Test
  void endsCopyThatWaitsForTheStatus() {
    pipeline.whenPrimaryResponds(2);
    Capture capture = open();
    capture.complete();
    capture.primaryResponded(101);
    assertUpgrade();
  }

  @Test
  void endsCopyOfPolicyThatWantsInformationalStatuses() {
    pipeline.whenPrimaryResponds(1);
    Capture capture = open();
    capture.complete();
    capture.primaryResponded(101);
    assertUpgrade();
  }

  @Test
  void endsHeldCopy() {
    Capture capture = open();
    capture.hold();
    capture.complete();
    capture.primaryResponded(101);
    assertUpgrade();
  }

  @Test
  void leavesCopyThatWasHandedOverBefore() {
    Capture capture = open();
    capture.complete();
    capture.primaryResponded(101);
    pipeline.settle();
    assertThat(pipeline.sender().sent()).hasSize(1);
    pipeline.sender().sent().get(0).respond(Outcome.ACCEPTED);
    pipeline.settle();
    assertThat(pipeline.count(Outcome.ACCEPTED)).isEqualTo(1);
  }

  @Test
  void otherStatusHasNoEffect() {
    Capture capture = open();
    capture.hold();
    capture.complete();
    capture.primaryResponded(426);
    pipeline.settle();
    assertThat(pipeline.sender().sent()).hasSize(1);
    pipeline.sender().sent().get(0).respond(Outcome.ACCEPTED);
  }
}
