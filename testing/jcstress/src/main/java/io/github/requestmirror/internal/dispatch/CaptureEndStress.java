package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Outcome;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/**
 * A container ends a request while another thread still reads its body. The capture ends once:
 * either the copy is queued and holds its body, or it is counted and holds none.
 */
@JCStressTest
@org.openjdk.jcstress.annotations.Outcome(
    id = "1, 0",
    expect = Expect.ACCEPTABLE,
    desc = "abandoned: counted, and no body is held")
@org.openjdk.jcstress.annotations.Outcome(
    id = "0, 1",
    expect = Expect.ACCEPTABLE,
    desc = "complete: pending, and its body is held")
@org.openjdk.jcstress.annotations.Outcome(expect = Expect.FORBIDDEN)
@State
public class CaptureEndStress {
  private final UnstartedPipeline pipeline = new UnstartedPipeline();
  private final Capture capture = pipeline.capture();

  @Actor
  public void reader() {
    capture.write(new byte[3], 0, 3);
    capture.complete();
  }

  @Actor
  public void container() {
    capture.abandon(Outcome.BODY_INCOMPLETE);
    capture.primaryResponded(500);
  }

  @Arbiter
  public void result(JJ_Result r) {
    r.r1 = pipeline.count(Outcome.BODY_INCOMPLETE);
    r.r2 = pipeline.holdsBody() ? 1 : 0;
  }
}
