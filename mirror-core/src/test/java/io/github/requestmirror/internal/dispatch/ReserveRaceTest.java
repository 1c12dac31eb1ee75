package io.github.requestmirror.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.internal.capture.BodyCapture;
import io.github.requestmirror.testing.Heads;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * An event of a copy fails, for example because there is no memory, while its body is being
 * captured: the pipeline's thread ends the copy, and the capture's thread does not know it yet.
 */
class ReserveRaceTest {
  @RegisterExtension final TestPipeline pipeline = new TestPipeline();

  @Test
  void bytesReservedWhileTheCopyEndsAreReleased() {
    // With a second scope, the clock is read between the look at the end and the reservation.
    pipeline.open("POST", "/", "X-Scope-OrgID", "another").abandon(Outcome.BODY_INCOMPLETE);
    pipeline.settle();
    Copy copy = admit();
    BodyCapture capture = new BodyCapture(new Copy[] {copy}, -1, pipeline.clock(), byte[]::new);
    capture.write(new byte[1000], 0, 1000);
    pipeline.clock().onNextRead(() -> copy.end(Outcome.INTERNAL_ERROR, null));
    capture.write(new byte[10_000], 0, 10_000);
    assertThat(capture.active()).isFalse();
    assertThat(pipeline.bufferedBytes()).isZero();
    capture.complete();
    pipeline.settle();
    assertThat(pipeline.count(Outcome.INTERNAL_ERROR)).isEqualTo(1);
    assertThat(pipeline.sender().sent()).isEmpty();
  }

  @Test
  void resetAfterTheEndReleasesNothingTwice() {
    Copy copy = admit();
    BodyCapture capture = new BodyCapture(new Copy[] {copy}, -1, pipeline.clock(), byte[]::new);
    capture.write(new byte[1000], 0, 1000);
    copy.end(Outcome.INTERNAL_ERROR, null);
    capture.reset();
    assertThat(pipeline.bufferedBytes()).isZero();
    capture.abandon(Outcome.BODY_INCOMPLETE);
    pipeline.settle();
  }

  @Test
  void copyThatEndedBeforeItsCaptureKeepsNoBody() {
    Copy copy = admit();
    BodyCapture capture = new BodyCapture(new Copy[] {copy}, -1, pipeline.clock(), byte[]::new);
    capture.write(new byte[1000], 0, 1000);
    copy.end(Outcome.INTERNAL_ERROR, null);
    capture.complete();
    assertThatThrownBy(copy::requireBody).isInstanceOf(IllegalStateException.class);
    pipeline.settle();
  }

  private Copy admit() {
    return Objects.requireNonNull(pipeline.pipeline().admit(Heads.head("POST", "/"), null));
  }
}
