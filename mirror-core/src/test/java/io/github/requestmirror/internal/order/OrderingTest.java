package io.github.requestmirror.internal.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Order;
import io.github.requestmirror.internal.order.Ordering.Ticket;
import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OrderingTest {
  private final Ordering<String> ordering = new Ordering<>();

  private Ticket<String> captured(String name, Order order, @Nullable String scope) {
    Ticket<String> ticket = new Ticket<>(name, order, scope);
    ordering.enqueue(ticket);
    return ticket;
  }

  private Ticket<String> causal(String name) {
    return captured(name, Order.CAUSAL, "tenant");
  }

  /** What has ended is not charged to anybody any more, so it must not be kept. */
  @Test
  void endedCopiesAreNotKeptBehindAnUnfinishedOne() {
    Ticket<String> stuck = captured("stuck", Order.CAUSAL, "tenant");
    ordering.answered(stuck);
    assertThat(ordering.poll()).isEqualTo("stuck");
    WeakReference<Ticket<String>> ended = answeredAndEnded("tenant");
    awaitCleared(ended);
    ordering.finished(stuck);
  }

  @Test
  void endedScopesAreNotKeptWhileNothingMayBeSent() {
    awaitCleared(keyOfEndedScope());
    assertThat(ordering.poll()).isNull();
  }

  private WeakReference<String> keyOfEndedScope() {
    String key = String.valueOf(new char[] {'t'});
    assertThat(answeredAndEnded(key)).isNotNull();
    return new WeakReference<>(key);
  }

  private WeakReference<Ticket<String>> answeredAndEnded(String scope) {
    Ticket<String> ticket = captured("ended", Order.CAUSAL, scope);
    ordering.answered(ticket);
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
  void requestsThatOverlappedAtThePrimaryGoTogether() {
    Ticket<String> a = causal("a");
    causal("b");
    ordering.answered(a);
    assertThat(ordering.poll()).isEqualTo("a");
    assertThat(ordering.poll()).isEqualTo("b");
  }

  @Test
  void requestWaitsForTheOneWhoseAnswerItCouldKnow() {
    Ticket<String> a = causal("a");
    assertThat(ordering.poll()).isEqualTo("a");
    ordering.answered(a);
    causal("b");
    assertThat(ordering.poll()).isNull();
    ordering.finished(a);
    assertThat(ordering.poll()).isEqualTo("b");
  }

  @Test
  void droppedCopyHoldsNobodyBack() {
    Ticket<String> a = causal("a");
    ordering.answered(a);
    Ticket<String> b = causal("b");
    ordering.answered(b);
    causal("c");
    ordering.finished(a);
    ordering.finished(b);
    assertThat(ordering.poll()).isEqualTo("c");
  }

  @Test
  void requestAnsweredBeforeItsBodyWasCompleteDoesNotWaitForItself() {
    Ticket<String> early = new Ticket<>("early", Order.CAUSAL, "tenant");
    ordering.answered(early);
    ordering.enqueue(early);
    assertThat(ordering.poll()).isEqualTo("early");
  }

  @Test
  void openRequestThatWasAnsweredHoldsItsSuccessorsBack() {
    Ticket<String> early = new Ticket<>("early", Order.CAUSAL, "tenant");
    ordering.answered(early);
    causal("later");
    assertThat(ordering.poll()).isNull();
    ordering.finished(early);
    assertThat(ordering.poll()).isEqualTo("later");
  }

  @Test
  void scopesTakeTurnsAndDoNotWaitForOneAnother() {
    Ticket<String> a = captured("a1", Order.CAUSAL, "a");
    ordering.answered(a);
    assertThat(ordering.poll()).isEqualTo("a1");
    captured("a2", Order.CAUSAL, "a");
    captured("b1", Order.CAUSAL, "b");
    captured("b2", Order.CAUSAL, "b");
    captured("c1", Order.CAUSAL, null);
    assertThat(ordering.poll()).isEqualTo("b1");
    assertThat(ordering.poll()).isEqualTo("c1");
    assertThat(ordering.poll()).isEqualTo("b2");
    assertThat(ordering.poll()).isNull();
  }

  @Test
  void fifoKeepsOneInFlight() {
    Ticket<String> a = captured("a", Order.FIFO, "tenant");
    captured("b", Order.FIFO, "tenant");
    assertThat(ordering.poll()).isEqualTo("a");
    assertThat(ordering.poll()).isNull();
    ordering.finished(a);
    assertThat(ordering.poll()).isEqualTo("b");
  }

  @Test
  void idleScopesTakeNoMemory() {
    for (int i = 0; i < 10_000; i++) {
      Ticket<String> ticket = captured("x", Order.CAUSAL, "tenant" + i);
      ordering.answered(ticket);
      assertThat(ordering.poll()).isEqualTo("x");
      ordering.finished(ticket);
      assertThat(ordering.scopes()).isZero();
    }
  }

  @Test
  void eventsAfterTheEndAreWithoutEffect() {
    Ticket<String> a = causal("a");
    ordering.finished(a);
    ordering.finished(a);
    ordering.answered(a);
    ordering.enqueue(a);
    assertThat(ordering.poll()).isNull();
    assertThat(ordering.scopes()).isZero();
    assertThat(ordering.queued()).isZero();
  }
}
