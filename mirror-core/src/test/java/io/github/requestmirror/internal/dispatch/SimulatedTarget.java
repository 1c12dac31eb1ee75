package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.internal.send.OutboundRequest;
import io.github.requestmirror.internal.send.Sender;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A sender whose target misbehaves at random. Tells the simulation how long the pipeline sleeps, so
 * that a round runs only when a real thread would be awake.
 */
final class SimulatedTarget implements Sender {
  enum Behavior {
    HEALTHY,
    SLOW,
    REFUSING,
    HANGING,
    RESETTING,
    UNAVAILABLE,
    THROTTLING,
    REJECTING,
    THROWING,
    MIXED
  }

  private static final long MILLISECOND = 1_000_000;

  private final Random random;
  private final LongSupplier clock;
  private final SimulatedOrder order;
  private final List<Exchange> running = new ArrayList<>();
  private Behavior behavior = Behavior.HEALTHY;
  private boolean brokenSelector;
  private final long start;
  private long sleepUntil;
  private boolean woken = true;
  private boolean closed;

  SimulatedTarget(Random random, LongSupplier clock, SimulatedOrder order) {
    this.random = random;
    this.clock = clock;
    this.order = order;
    this.start = clock.getAsLong();
  }

  /** The clock may overflow; this time does not. */
  private long now() {
    return clock.getAsLong() - start;
  }

  void behave(Behavior next) {
    behavior = next;
  }

  Behavior behavior() {
    return behavior;
  }

  void breakSelector(boolean broken) {
    brokenSelector = broken;
    woken = true;
  }

  boolean isClosed() {
    return closed;
  }

  /** Returns whether the pipeline's thread would be awake. */
  boolean isAwake() {
    return woken || untilAwake() <= 0;
  }

  /** Returns the nanoseconds until the pipeline's thread wakes up without an event. */
  long untilAwake() {
    return Math.min(sleepUntil, nextResponse()) - now();
  }

  private long nextResponse() {
    long next = Long.MAX_VALUE;
    for (Exchange exchange : running) {
      next = Math.min(next, exchange.endsAt);
    }
    return next;
  }

  private final class Exchange implements Sender.Exchange {
    final Copy copy;
    final Result result;
    final long endsAt;

    Exchange(Copy copy, Result result, long endsAt) {
      this.copy = copy;
      this.result = result;
      this.endsAt = endsAt;
    }

    @Override
    public void cancel() {
      running.remove(this);
      order.onCancelled(copy);
      if (behavior == Behavior.THROWING && random.nextBoolean()) {
        throw new IllegalStateException("cancel failed on purpose");
      }
    }
  }

  @Override
  public Sender.Exchange send(OutboundRequest request, Callback callback) {
    Copy copy = (Copy) callback;
    Behavior now = behavior;
    while (now == Behavior.MIXED) {
      now = Behavior.values()[random.nextInt(Behavior.values().length)];
    }
    if (now == Behavior.THROWING && random.nextBoolean()) {
      order.onSent(copy, request);
      order.onCancelled(copy);
      if (random.nextBoolean()) {
        throw new SimulatedOutOfMemory();
      }
      throw new IllegalStateException("send failed on purpose");
    }
    long latency = random.nextInt(50) * MILLISECOND;
    Result result =
        switch (now) {
          case HEALTHY -> responded(Outcome.ACCEPTED, 204, Duration.ZERO);
          case SLOW -> {
            latency = (500 + random.nextInt(3000)) * MILLISECOND;
            yield responded(Outcome.ACCEPTED, 200, Duration.ZERO);
          }
          case REFUSING -> Result.withoutResponse(Outcome.CONNECT_FAILED, null);
          case RESETTING -> Result.withoutResponse(Outcome.IO_ERROR, null);
          case UNAVAILABLE -> responded(Outcome.UNAVAILABLE, 503, retryAfter());
          case THROTTLING -> responded(Outcome.THROTTLED, 429, retryAfter());
          case REJECTING -> responded(Outcome.REJECTED, 400, Duration.ZERO);
          default -> {
            latency = Duration.ofDays(1).toNanos();
            yield responded(Outcome.ACCEPTED, 200, Duration.ZERO);
          }
        };
    Exchange exchange = new Exchange(copy, result, now() + latency);
    order.onSent(copy, request);
    if (latency < Duration.ofSeconds(1).toNanos() && random.nextInt(10) == 0) {
      order.onExchangeEnded(copy);
      order.onResult(copy, result);
      callback.ended(result);
    } else {
      running.add(exchange);
    }
    return exchange;
  }

  private static Result responded(Outcome outcome, int status, Duration retryAfter) {
    return new Result(outcome, status, "status " + status, null, retryAfter, false);
  }

  private Duration retryAfter() {
    return switch (random.nextInt(4)) {
      case 0 -> Duration.ofMillis(random.nextInt(3000));
      case 1 -> Duration.ofSeconds(Long.MAX_VALUE);
      default -> Duration.ZERO;
    };
  }

  @Override
  public void await(long nanos) {
    woken = false;
    order.onSleep(clock.getAsLong(), nanos);
    long now = now();
    sleepUntil = nanos > Long.MAX_VALUE - now ? Long.MAX_VALUE : now + Math.max(0, nanos);
    if (brokenSelector) {
      woken = true;
      throw new IllegalStateException("the selector failed on purpose");
    }
    for (Exchange exchange : List.copyOf(running)) {
      if (exchange.endsAt <= now && running.remove(exchange)) {
        woken = true;
        order.onExchangeEnded(exchange.copy);
        order.onResult(exchange.copy, exchange.result);
        exchange.copy.ended(exchange.result);
      }
    }
  }

  @Override
  public void wakeUp() {
    woken = true;
  }

  @Override
  public void close() {
    closed = true;
    running.clear();
  }

  /** Thrown instead of an OutOfMemoryError, which would end the test run. */
  static final class SimulatedOutOfMemory extends VirtualMachineError {
    private static final long serialVersionUID = 1;

    SimulatedOutOfMemory() {
      super("no memory, on purpose");
    }
  }

  /** Fails as an allocation does that finds no memory, if it is the turn of one that fails. */
  static void allocate(@Nullable Random failures) {
    if (failures != null && failures.nextInt(3) == 0) {
      throw new SimulatedOutOfMemory();
    }
  }
}
