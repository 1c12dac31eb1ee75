package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.internal.accounting.GuardedLog;
import io.github.requestmirror.internal.send.OutboundRequest;
import io.github.requestmirror.internal.send.Sender;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** Events submitted while the loop stops are processed exactly once. */
@JCStressTest
@Outcome(id = "2", expect = Expect.ACCEPTABLE)
@Outcome(expect = Expect.FORBIDDEN)
@State
public class EventLoopStopStress {
  private final AtomicInteger processed = new AtomicInteger();
  private final Copy copy = new UnstartedPipeline().copy();
  private final EventLoop loop =
      new EventLoop(
          "mirror-stress",
          new Idle(),
          new LoopThread("mirror-stress"),
          new GuardedLog(EventLoop.class));

  public EventLoopStopStress() {
    loop.start(
        new EventLoop.Work() {
          @Override
          public void process(CopyEvent event) {
            processed.incrementAndGet();
          }

          @Override
          public long turn() {
            return Long.MAX_VALUE;
          }

          @Override
          public void close() {}
        });
  }

  @Actor
  public void submits() {
    loop.submit(copy.event(CopyEvent.Kind.CAPTURED));
  }

  @Actor
  public void submitsQuietly() {
    loop.submitQuietly(copy.event(CopyEvent.Kind.PRIMARY_RESPONDING));
  }

  @Actor
  public void stops() {
    loop.stop();
    loop.driver().join(Duration.ofSeconds(10));
  }

  @Arbiter
  public void count(I_Result r) {
    r.r1 = processed.get();
  }

  /** A sender that only waits. */
  private static final class Idle implements Sender {
    private final Semaphore wakeUps = new Semaphore(0);

    @Override
    public Exchange send(OutboundRequest request, Callback callback) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void await(long nanos) {
      try {
        wakeUps.tryAcquire(nanos, TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void wakeUp() {
      wakeUps.release();
    }

    @Override
    public void close() {}
  }
}
