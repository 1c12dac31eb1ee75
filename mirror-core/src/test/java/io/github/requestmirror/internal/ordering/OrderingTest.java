package io.github.requestmirror.internal.ordering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.MirrorOrder;
import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OrderingTest {
  private static final Ordering.Gate OPEN = (scope, running) -> 0;

  private final Ordering<String> ordering = new Ordering<>(64, 0, 1 << 20);

  private Ticket<String> captured(String name, MirrorOrder order, @Nullable String scope) {
    Ticket<String> ticket = new Ticket<>(name, order, scope, null);
    ordering.enqueue(ticket, 0);
    return ticket;
  }

  private Ticket<String> causal(String name) {
    return captured(name, MirrorOrder.CAUSAL, "tenant");
  }

  /** The memory of an ended copy has been released from the budget, so it must be reclaimable. */
  @Test
  void releasesEndedCopiesBehindAnUnfinishedOne() {
    Ticket<String> stuck = captured("stuck", MirrorOrder.CAUSAL, "tenant");
    ordering.responded(stuck);
    assertThat(ordering.poll(OPEN, 0)).isEqualTo("stuck");
    WeakReference<Ticket<String>> ended = respondedAndEnded("tenant");
    awaitCleared(ended);
    ordering.finished(stuck);
  }

  @Test
  void releasesEndedScopesWithoutPoll() {
    awaitCleared(keyOfEndedScope());
    assertThat(ordering.poll(OPEN, 0)).isNull();
  }

  private WeakReference<String> keyOfEndedScope() {
    String key = String.valueOf(new char[] {'t'});
    assertThat(respondedAndEnded(key)).isNotNull();
    return new WeakReference<>(key);
  }

  private WeakReference<Ticket<String>> respondedAndEnded(String scope) {
    Ticket<String> ticket = captured("ended", MirrorOrder.CAUSAL, scope);
    ordering.responded(ticket);
    ordering.finished(ticket);
    return new WeakReference<>(ticket);
  }

  private static void awaitCleared(WeakReference<?> reference) {
    await()
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(reference.get()).isNull();
            });
  }

  @Test
  void overlappingRequestsAreSentTogether() {
    Ticket<String> a = causal("a");
    causal("b");
    ordering.responded(a);
    assertThat(ordering.poll(OPEN, 0)).isEqualTo("a");
    assertThat(ordering.poll(OPEN, 0)).isEqualTo("b");
  }

  @Test
  void waitsForRequestsRespondedBeforeTheCapture() {
    Ticket<String> a = causal("a");
    assertThat(ordering.poll(OPEN, 0)).isEqualTo("a");
    ordering.responded(a);
    causal("b");
    assertThat(ordering.poll(OPEN, 0)).isNull();
    ordering.finished(a);
    assertThat(ordering.poll(OPEN, 0)).isEqualTo("b");
  }

  @Test
  void droppedCopyDoesNotDelayOthers() {
    Ticket<String> a = causal("a");
    ordering.responded(a);
    Ticket<String> b = causal("b");
    ordering.responded(b);
    causal("c");
    ordering.finished(a);
    ordering.finished(b);
    assertThat(ordering.poll(OPEN, 0)).isEqualTo("c");
  }

  @Test
  void requestRespondedBeforeItsBodyWasCompleteDoesNotWaitForItself() {
    Ticket<String> early = new Ticket<>("early", MirrorOrder.CAUSAL, "tenant", null);
    ordering.responded(early);
    ordering.enqueue(early, 0);
    assertThat(ordering.poll(OPEN, 0)).isEqualTo("early");
  }

  @Test
  void respondedRequestWithOpenBodyDelaysItsSuccessors() {
    Ticket<String> early = new Ticket<>("early", MirrorOrder.CAUSAL, "tenant", null);
    ordering.responded(early);
    causal("later");
    assertThat(ordering.poll(OPEN, 0)).isNull();
    ordering.finished(early);
    assertThat(ordering.poll(OPEN, 0)).isEqualTo("later");
  }

  @Test
  void scopesTakeTurnsAndDoNotWaitForEachOther() {
    Ticket<String> a = captured("a1", MirrorOrder.CAUSAL, "a");
    ordering.responded(a);
    assertThat(ordering.poll(OPEN, 0)).isEqualTo("a1");
    captured("a2", MirrorOrder.CAUSAL, "a");
    captured("b1", MirrorOrder.CAUSAL, "b");
    captured("b2", MirrorOrder.CAUSAL, "b");
    captured("c1", MirrorOrder.CAUSAL, null);
    assertThat(ordering.poll(OPEN, 0)).isEqualTo("b1");
    assertThat(ordering.poll(OPEN, 0)).isEqualTo("c1");
    assertThat(ordering.poll(OPEN, 0)).isEqualTo("b2");
    assertThat(ordering.poll(OPEN, 0)).isNull();
  }

  @Test
  void fifoKeepsOneInFlight() {
    Ticket<String> a = captured("a", MirrorOrder.FIFO, "tenant");
    captured("b", MirrorOrder.FIFO, "tenant");
    assertThat(ordering.poll(OPEN, 0)).isEqualTo("a");
    assertThat(ordering.poll(OPEN, 0)).isNull();
    ordering.finished(a);
    assertThat(ordering.poll(OPEN, 0)).isEqualTo("b");
  }

  @Test
  void idleScopesAreRemoved() {
    for (int i = 0; i < 10_000; i++) {
      Ticket<String> ticket = captured("x", MirrorOrder.CAUSAL, "tenant" + i);
      ordering.responded(ticket);
      assertThat(ordering.poll(OPEN, 0)).isEqualTo("x");
      ordering.finished(ticket);
      assertThat(ordering.scopes()).isZero();
    }
  }

  @Test
  void eventsAfterTheEndHaveNoEffect() {
    Ticket<String> a = causal("a");
    ordering.finished(a);
    ordering.finished(a);
    ordering.responded(a);
    ordering.enqueue(a, 0);
    assertThat(ordering.poll(OPEN, 0)).isNull();
    assertThat(ordering.scopes()).isZero();
    assertThat(ordering.queued()).isZero();
  }

  /** A scope whose copies come and go all the time does not keep others from having keys read. */
  @Test
  void keysAreReadForTheScopeThatHasWaited_notOnlyForTheFirst() {
    Ordering<String> patient = new Ordering<>(64, 5, 1 << 20);
    Object source = new Object();
    Ticket<String> sent = new Ticket<>("sent", MirrorOrder.CAUSAL, "busy", source);
    patient.enqueue(sent, 0);
    Ticket<String> waiting = new Ticket<>("waiting", MirrorOrder.CAUSAL, "slow", source);
    patient.enqueue(waiting, 1);
    patient.enqueue(new Ticket<>("new", MirrorOrder.CAUSAL, "busy", source), 4);
    assertThat(patient.poll(OPEN, 4)).isEqualTo("sent");
    patient.finished(sent);
    assertThat(patient.nextToRead(5)).isNull();
    assertThat(patient.nextToRead(8)).isSameAs(waiting);
  }
}
