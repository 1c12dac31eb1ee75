package io.github.requestmirror.internal.ordering;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.MirrorOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Compares random schedules of captures, responses, ends and drops with a direct implementation of
 * the rule, which takes quadratic time: no copy starts too early, and none waits without a reason.
 *
 * <p>System properties: {@code order.seed} repeats one schedule, {@code order.schedules} sets the
 * number of schedules.
 */
class OrderingModelTest {
  private static final int SCHEDULES = Integer.getInteger("order.schedules", 100_000);

  enum Kind {
    CAUSAL_ON_REQUEST,
    CAUSAL_ON_RESPONSE,
    FIFO,
    MIXED
  }

  @ParameterizedTest
  @EnumSource
  void agreesWithTheRule(Kind kind) {
    Long only = Long.getLong("order.seed");
    long first = only == null ? new Random().nextLong() : only;
    int count = only == null ? SCHEDULES : 1;
    for (int i = 0; i < count; i++) {
      long seed = first + i;
      try {
        new Schedule(kind, seed).run();
      } catch (Throwable t) {
        throw new AssertionError(
            kind + ": schedule failed; repeat it with -Dorder.seed=" + seed, t);
      }
    }
  }

  /** One request, with the times of its events, or NEVER. */
  private static final class Request {
    static final long NEVER = Long.MAX_VALUE;

    final int id;
    final String scope;
    final MirrorOrder order;
    final boolean onResponse;
    final Ordering.Ticket<Request> ticket;
    long captured = NEVER;
    long queued = NEVER;
    long responded = NEVER;
    long started = NEVER;
    long finished = NEVER;

    Request(int id, String scope, MirrorOrder order, boolean onResponse) {
      this.id = id;
      this.scope = scope;
      this.order = order;
      this.onResponse = onResponse;
      this.ticket = new Ordering.Ticket<>(this, order, scope);
    }

    boolean has(long event) {
      return event != NEVER;
    }

    /** The time of the request, which is not after its response even if its body was late. */
    long receivedAt() {
      return Math.min(captured, responded);
    }

    boolean isWaiting() {
      return has(queued) && !has(started) && !has(finished);
    }

    boolean mustWaitFor(Request other) {
      if (other == this || !other.scope.equals(scope) || has(other.finished)) {
        return false;
      }
      return switch (order) {
        case NONE -> false;
        case CAUSAL -> other.order != MirrorOrder.NONE && other.responded < receivedAt();
        case FIFO ->
            other.order != MirrorOrder.NONE
                && (has(other.started) || other.responded < receivedAt());
      };
    }

    @Override
    public String toString() {
      return String.format(
          "#%d %s %s captured=%d queued=%d responded=%d started=%d finished=%d",
          id, scope, order, captured, queued, responded, started, finished);
    }
  }

  private static final class Schedule {
    private final Random random;
    private final Kind kind;
    private final Ordering<Request> ordering = new Ordering<>();
    private final List<Request> requests = new ArrayList<>();
    private final List<Request> open = new ArrayList<>();
    private final int size;
    private final int scopes;
    private final int maxRunning;
    private long now;
    private int running;

    Schedule(Kind kind, long seed) {
      this.kind = kind;
      this.random = new Random(seed);
      this.size = 1 + random.nextInt(24);
      this.scopes = 1 + random.nextInt(3);
      this.maxRunning = random.nextBoolean() ? Integer.MAX_VALUE : 1 + random.nextInt(4);
    }

    void run() {
      while (requests.size() < size || !open.isEmpty()) {
        step();
        poll();
      }
      assertThat(ordering.queued()).isZero();
      assertThat(ordering.scopes()).as("scopes that are left").isZero();
      assertThat(ordering.poll()).isNull();
    }

    private void step() {
      now++;
      if (requests.size() < size && random.nextInt(4) == 0) {
        Request request = request();
        requests.add(request);
        open.add(request);
        return;
      }
      if (!open.isEmpty()) {
        advance(open.get(random.nextInt(open.size())));
      }
    }

    private Request request() {
      String scope = "scope" + random.nextInt(scopes);
      boolean onResponse = random.nextBoolean();
      return switch (kind) {
        case CAUSAL_ON_REQUEST -> new Request(requests.size(), scope, MirrorOrder.CAUSAL, false);
        case CAUSAL_ON_RESPONSE ->
            new Request(requests.size(), scope, MirrorOrder.CAUSAL, onResponse);
        case FIFO -> new Request(requests.size(), scope, MirrorOrder.FIFO, onResponse);
        // FIFO and CAUSAL share a scope only after the policy is replaced.
        case MIXED ->
            random.nextBoolean()
                ? new Request(requests.size(), scope, MirrorOrder.CAUSAL, onResponse)
                : new Request(
                    requests.size(),
                    scope,
                    random.nextBoolean() ? MirrorOrder.FIFO : MirrorOrder.NONE,
                    onResponse);
      };
    }

    /** Applies one event to a request, in any order that is possible. */
    private void advance(Request request) {
      int choice = random.nextInt(10);
      if (choice < 4 && !request.has(request.captured)) {
        request.captured = now;
        ordering.captured(request.ticket);
        enqueueIfDue(request);
      } else if (choice < 7 && !request.has(request.responded)) {
        request.responded = now;
        ordering.responded(request.ticket);
        enqueueIfDue(request);
      } else if (choice < 9 && request.has(request.started)) {
        finish(request);
      } else if (random.nextInt(8) == 0) {
        // Dropped, expired or abandoned, in any state.
        finish(request);
      }
    }

    private void enqueueIfDue(Request request) {
      boolean due = !request.onResponse || request.has(request.responded);
      if (due && request.has(request.captured) && !request.has(request.queued)) {
        request.queued = now;
        ordering.enqueue(request.ticket);
      }
    }

    private void finish(Request request) {
      if (request.has(request.started)) {
        running--;
      }
      request.finished = now;
      open.remove(request);
      ordering.finished(request.ticket);
    }

    private void poll() {
      while (running < maxRunning) {
        Request next = ordering.poll();
        if (next == null) {
          assertNoneIsReady();
          return;
        }
        check(next.isWaiting(), "may not be started", next);
        check(blocker(next) == null, "overtakes", next);
        next.started = now;
        running++;
      }
    }

    private void assertNoneIsReady() {
      for (Request request : requests) {
        if (request.isWaiting()) {
          check(blocker(request) != null || queuedBefore(request), "waits for nothing", request);
        }
      }
    }

    /** Runs millions of times, for which AssertJ is too slow. */
    private static void check(boolean condition, String failure, Request request) {
      if (!condition) {
        throw new AssertionError(request + " " + failure);
      }
    }

    private boolean queuedBefore(Request r) {
      for (Request o : requests) {
        if (o != r
            && (o.order == MirrorOrder.FIFO || r.order == MirrorOrder.FIFO)
            && o.order != MirrorOrder.NONE
            && o.scope.equals(r.scope)
            && o.isWaiting()) {
          return true;
        }
      }
      return false;
    }

    private @Nullable Request blocker(Request request) {
      for (Request other : requests) {
        if (request.mustWaitFor(other)) {
          return other;
        }
      }
      return null;
    }
  }
}
