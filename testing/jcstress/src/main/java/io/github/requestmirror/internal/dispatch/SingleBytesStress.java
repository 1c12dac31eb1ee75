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
 * An application reads the declared number of bytes one by one, and another thread ends the
 * request. A thread that has seen the last byte completes the copy, and no byte is missing then.
 */
@JCStressTest
@org.openjdk.jcstress.annotations.Outcome(
    id = "1, 0",
    expect = Expect.ACCEPTABLE,
    desc = "abandoned: the container did not see the last byte")
@org.openjdk.jcstress.annotations.Outcome(
    id = "0, 0",
    expect = Expect.ACCEPTABLE,
    desc = "complete: all bytes were there")
@org.openjdk.jcstress.annotations.Outcome(expect = Expect.FORBIDDEN)
@State
public class SingleBytesStress {
  private static final int LENGTH = 4;

  private final UnstartedPipeline pipeline = new UnstartedPipeline();
  private final Capture capture = pipeline.capture(LENGTH);
  private volatile int read;

  @Actor
  public void reader() {
    byte[] single = new byte[1];
    for (int i = 1; i <= LENGTH; i++) {
      capture.write(single, 0, 1);
      read = i;
    }
  }

  @Actor
  public void container() {
    if (read == LENGTH) {
      // Counts as incomplete if a byte is missing.
      capture.complete();
    }
    capture.abandon(Outcome.BODY_UNSUPPORTED);
  }

  @Arbiter
  public void result(JJ_Result r) {
    r.r1 = pipeline.count(Outcome.BODY_UNSUPPORTED);
    r.r2 = pipeline.count(Outcome.BODY_INCOMPLETE);
  }
}
