package io.github.requestmirror.internal.dispatch;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** Events submitted while the loop stops run exactly once. */
@JCStressTest
@Outcome(id = "2", expect = Expect.ACCEPTABLE)
@Outcome(expect = Expect.FORBIDDEN)
@State
public class EventLoopStopStress {
  private final AtomicInteger ran = new AtomicInteger();
  private final EventLoop loop = new EventLoop("mirror-stress");

  public EventLoopStopStress() {
    loop.start(() -> Long.MAX_VALUE);
  }

  @Actor
  public void submits() {
    loop.submit(ran::incrementAndGet);
  }

  @Actor
  public void submitsQuietly() {
    loop.submitQuietly(ran::incrementAndGet);
  }

  @Actor
  public void stops() {
    loop.stop(Duration.ofSeconds(10));
  }

  @Arbiter
  public void count(I_Result r) {
    r.r1 = ran.get();
  }
}
