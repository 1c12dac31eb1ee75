package io.github.requestmirror.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Outcome;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One request at a time is a probe, although a stalled one may end after its lease. */
class ProbeSlotTest {
  @RegisterExtension final TestPipeline pipeline = new TestPipeline();

  private Capture open() {
    return pipeline.open("POST", "/");
  }

  @Test
  void probeThatEndsAfterItsLeaseDoesNotFreeTheSlotOfTheNext() {
    Capture first = open();
    first.complete();
    pipeline.settle();
    pipeline.sender().last().respond(Outcome.CONNECT_FAILED);
    pipeline.settle();
    pipeline.advance(Duration.ofSeconds(1));
    Capture stalled = open();
    assertThat(stalled.active()).as("probe").isTrue();
    assertThat(open()).isSameAs(Capture.none());
    pipeline.advance(Duration.ofSeconds(5));
    Capture next = open();
    assertThat(next.active()).as("probe after the lease of the stalled one").isTrue();
    stalled.abandon(Outcome.BODY_INCOMPLETE);
    pipeline.settle();
    assertThat(open()).as("beside the next probe").isSameAs(Capture.none());
    next.abandon(Outcome.BODY_INCOMPLETE);
    pipeline.settle();
    Capture last = open();
    assertThat(last.active()).as("after the next probe").isTrue();
    last.abandon(Outcome.BODY_INCOMPLETE);
  }
}
