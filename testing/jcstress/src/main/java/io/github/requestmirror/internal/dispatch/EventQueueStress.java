package io.github.requestmirror.internal.dispatch;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZI_Result;

/** Events that two threads add while a third polls: each is polled once, in each thread's order. */
@JCStressTest
@Outcome(id = "true, 4", expect = Expect.ACCEPTABLE)
@Outcome(expect = Expect.FORBIDDEN)
@State
public class EventQueueStress {
  private final EventQueue queue = new EventQueue();
  private final Copy first = new UnstartedPipeline().copy();
  private final Copy second = new UnstartedPipeline().copy();
  private int polled;
  private boolean inOrder = true;
  private CopyEvent lastOfFirst;
  private CopyEvent lastOfSecond;

  @Actor
  public void adds() {
    queue.add(first.event(CopyEvent.Kind.CAPTURED));
    queue.add(first.event(CopyEvent.Kind.PRIMARY_RESPONDING));
  }

  @Actor
  public void addsToo() {
    queue.add(second.event(CopyEvent.Kind.CAPTURED));
    queue.add(second.event(CopyEvent.Kind.PRIMARY_RESPONDING));
  }

  @Actor
  public void polls() {
    poll();
    poll();
  }

  @Arbiter
  public void rest(ZI_Result r) {
    while (!queue.isEmpty()) {
      poll();
    }
    r.r1 = inOrder;
    r.r2 = polled;
  }

  private void poll() {
    CopyEvent event = queue.poll();
    if (event == null) {
      return;
    }
    polled++;
    CopyEvent before = event.copy() == first ? lastOfFirst : lastOfSecond;
    boolean expectedFirst = event.kind() == CopyEvent.Kind.CAPTURED;
    inOrder &= expectedFirst == (before == null);
    if (event.copy() == first) {
      lastOfFirst = event;
    } else {
      lastOfSecond = event;
    }
  }
}
