package io.github.requestmirror.internal.ordering;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.MirrorOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Compares random schedules of captures, responses, ends, drops and reads of keys with a direct
 * implementation of the rule, which takes quadratic time: no copy starts too early, and none waits
 * without a reason.
 *
 * <p>System properties: {@code order.seed} repeats one schedule, {@code order.schedules} sets the
 * number of schedules.
 */
class OrderingModelTest {
  private static final Ordering.Gate OPEN = (scope, running) -> 0;

  private static final int SCHEDULES = Integer.getInteger("order.schedules", 40_000);
  private static final long NEVER = Long.MAX_VALUE;

  enum Kind {
    CAUSAL_ON_REQUEST,
    CAUSAL_ON_RESPONSE,
    FIFO,
    MIXED,
    KEYED,
    KEYED_ON_RESPONSE,
    KEYED_WITH_LIMITS,
    KEYED_MIXED
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
    final int id;
    final String scope;
    final MirrorOrder order;
    final boolean onResponse;

    /** Null if they cannot be read. */
    final @Nullable Set<Long> keys;

    final @Nullable Object source;
    final Ticket<Request> ticket;
    long captured = NEVER;
    long queued = NEVER;
    long responded = NEVER;
    long started = NEVER;
    long finished = NEVER;

    Request(
        int id,
        String scope,
        MirrorOrder order,
        boolean onResponse,
        @Nullable Set<Long> keys,
        @Nullable Object source) {
      this.id = id;
      this.scope = scope;
      this.order = order;
      this.onResponse = onResponse;
      this.keys = keys;
      this.source = source;
      this.ticket = new Ticket<>(this, order, scope, source);
    }

    static boolean has(long event) {
      return event != NEVER;
    }

    /** The time of the request, which is not after its response even if its body was late. */
    long receivedAt() {
      return Math.min(captured, responded);
    }

    /** Its place in the order. */
    long place() {
      return onResponse ? responded : receivedAt();
    }

    boolean isWaiting() {
      return has(queued) && !has(started) && !has(finished);
    }

    boolean isReadable() {
      return order == MirrorOrder.CAUSAL && source != null && keys != null && captured < responded;
    }

    boolean sharesKey(Request other) {
      if (keys == null || other.keys == null) {
        return false;
      }
      for (long key : keys) {
        if (other.keys.contains(key)) {
          return true;
        }
      }
      return false;
    }

    /** Whether the two change the same series, as far as anybody can know. */
    boolean meets(Request other) {
      return !isReadable() || !other.isReadable() || source != other.source || sharesKey(other);
    }

    /** Without keys: the other was responded to before this was received. */
    boolean follows(Request other) {
      return other != this
          && other.scope.equals(scope)
          && !has(other.finished)
          && other.order != MirrorOrder.NONE
          && other.responded < receivedAt();
    }

    boolean mustWaitFor(Request other) {
      return switch (order) {
        case NONE -> false;
        case CAUSAL -> follows(other) && meets(other);
        case FIFO -> follows(other) || isRunningInScope(other);
      };
    }

    private boolean isRunningInScope(Request other) {
      return other != this
          && other.scope.equals(scope)
          && !has(other.finished)
          && other.order != MirrorOrder.NONE
          && has(other.started);
    }

    @Override
    public String toString() {
      return String.format(
          "#%d %s %s keys=%s captured=%d queued=%d responded=%d started=%d finished=%d",
          id, scope, order, keys, captured, queued, responded, started, finished);
    }
  }

  private static final class Schedule {
    private final Random random;
    private final Kind kind;
    private final Ordering<Request> ordering;
    private final List<Request> requests = new ArrayList<>();
    private final List<Request> open = new ArrayList<>();
    private final int size;
    private final int scopes;
    private final int maxRunning;
    private final int keys;
    private final boolean limited;
    private @Nullable Ticket<Request> reading;
    private long now;
    private int running;

    Schedule(Kind kind, long seed) {
      this.kind = kind;
      // Generators of successive seeds begin with nearly the same numbers.
      this.random = new Random(new SplittableRandom(seed).nextLong());
      this.size = 1 + random.nextInt(24);
      this.scopes = 1 + random.nextInt(3);
      this.keys = 2 + random.nextInt(12);
      this.maxRunning = random.nextBoolean() ? Integer.MAX_VALUE : 1 + random.nextInt(4);
      this.limited = kind == Kind.KEYED_WITH_LIMITS;
      this.ordering =
          limited
              ? new Ordering<>(
                  1 + random.nextInt(3),
                  random.nextInt(20),
                  random.nextInt(40 * KeySet.BYTES_PER_KEY))
              : new Ordering<>(Integer.MAX_VALUE, 0, 1 << 20);
    }

    void run() {
      while (requests.size() < size || !open.isEmpty()) {
        step();
        poll();
      }
      assertThat(ordering.queued()).isZero();
      assertThat(ordering.scopes()).as("scopes that are left").isZero();
      assertThat(ordering.keyBytes()).as("bytes of keys").isZero();
      assertThat(ordering.poll(OPEN, 0)).isNull();
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
      boolean onResponse = random.nextBoolean();
      return switch (kind) {
        case CAUSAL_ON_REQUEST -> request(MirrorOrder.CAUSAL, false, null);
        case CAUSAL_ON_RESPONSE -> request(MirrorOrder.CAUSAL, onResponse, null);
        case FIFO -> request(MirrorOrder.FIFO, onResponse, null);
        case KEYED -> request(MirrorOrder.CAUSAL, false, "source");
        case KEYED_ON_RESPONSE, KEYED_WITH_LIMITS ->
            request(MirrorOrder.CAUSAL, onResponse, "source");
        // Orders and sources share a scope only after the policy is replaced.
        case MIXED -> request(anyOrder(), onResponse, null);
        case KEYED_MIXED ->
            request(anyOrder(), onResponse, random.nextInt(3) == 0 ? "other" : "source");
      };
    }

    private MirrorOrder anyOrder() {
      return switch (random.nextInt(4)) {
        case 0 -> MirrorOrder.FIFO;
        case 1 -> MirrorOrder.NONE;
        default -> MirrorOrder.CAUSAL;
      };
    }

    private Request request(MirrorOrder order, boolean onResponse, @Nullable Object source) {
      String scope = "scope" + random.nextInt(scopes);
      Set<Long> some = new HashSet<>();
      for (int i = random.nextInt(4); i > 0; i--) {
        some.add((long) random.nextInt(keys));
      }
      Set<Long> known = random.nextInt(10) == 0 ? null : some;
      return new Request(requests.size(), scope, order, onResponse, known, source);
    }

    /** Applies one event to a request, in any order that is possible. */
    private void advance(Request request) {
      int choice = random.nextInt(10);
      if (choice < 4 && !Request.has(request.captured)) {
        request.captured = now;
        ordering.captured(request.ticket);
        enqueueIfDue(request);
      } else if (choice < 7 && !Request.has(request.responded)) {
        request.responded = now;
        ordering.responded(request.ticket);
        enqueueIfDue(request);
      } else if (choice < 9 && Request.has(request.started)) {
        finish(request);
      } else if (random.nextInt(8) == 0) {
        // Dropped, expired or abandoned, in any state.
        finish(request);
      }
    }

    private void enqueueIfDue(Request request) {
      boolean due = !request.onResponse || Request.has(request.responded);
      if (due && Request.has(request.captured) && !Request.has(request.queued)) {
        request.queued = now;
        ordering.enqueue(request.ticket, now);
      }
    }

    private void finish(Request request) {
      if (Request.has(request.started)) {
        running--;
      }
      request.finished = now;
      open.remove(request);
      ordering.finished(request.ticket);
    }

    private void poll() {
      while (running < maxRunning) {
        Request next = ordering.poll(OPEN, 0);
        if (next != null) {
          check(next.isWaiting(), "may not be started", next);
          check(blocker(next) == null, "overtakes", next);
          next.started = now;
          running++;
        } else if (!read()) {
          assertNoneIsReady();
          return;
        }
      }
    }

    /** Reads the keys of a copy, perhaps later; returns whether the order knows more. */
    private boolean read() {
      Ticket<Request> ticket = reading == null ? ordering.nextToRead(now) : reading;
      reading = ticket;
      if (ticket == null || random.nextInt(5) == 0) {
        return false;
      }
      reading = null;
      KeySet<Request> keySet = ordering.newKeySet();
      Set<Long> known = ticket.copy().keys;
      if (known != null) {
        known.forEach(keySet::accept);
        known.forEach(keySet::accept);
      }
      keySet.seal(known != null);
      ordering.read(ticket, keySet);
      return true;
    }

    private void assertNoneIsReady() {
      for (Request request : requests) {
        if (request.isWaiting()) {
          check(hasReasonToWait(request), "waits for nothing", request);
        }
      }
    }

    private boolean hasReasonToWait(Request request) {
      return blocker(request) != null
          || queuedBefore(request)
          || ((limited || reading != null) && followsAny(request))
          || (kind == Kind.KEYED_MIXED && followsAny(request))
          || sharesKeyWithEarlierPlace(request);
    }

    /** Waiting for a copy with the same series that overlapped at the primary is allowed. */
    private boolean sharesKeyWithEarlierPlace(Request request) {
      for (Request other : requests) {
        if (!Request.has(other.finished)
            && other.scope.equals(request.scope)
            && other.isReadable()
            && other.sharesKey(request)
            && other.place() < request.place()) {
          return followsAny(request);
        }
      }
      return false;
    }

    private boolean followsAny(Request request) {
      for (Request other : requests) {
        if (request.follows(other)) {
          return true;
        }
      }
      return false;
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
