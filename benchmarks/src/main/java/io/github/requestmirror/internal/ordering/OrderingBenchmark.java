package io.github.requestmirror.internal.ordering;

import io.github.requestmirror.MirrorOrder;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One copy from capture to finish in a scope with a constant backlog. The time must not depend on
 * the backlog.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class OrderingBenchmark {
  private static final int IN_FLIGHT = 8;

  @Param({"0", "1000", "100000"})
  int backlog;

  /** The keys of each copy, which are read as soon as the order asks for them; 0 for none. */
  @Param({"0", "500"})
  int keys;

  private long nextKey;

  private final Ordering<Object> ordering = new Ordering<>(64, 0, 8 << 20);
  private final ArrayDeque<Ticket<Object>> waiting = new ArrayDeque<>();

  @Setup(Level.Trial)
  public void fill() {
    for (int i = 0; i < backlog + IN_FLIGHT; i++) {
      arrive();
    }
  }

  /** Adds a copy. As with shards, {@code IN_FLIGHT} requests overlap at the primary. */
  private void arrive() {
    Ticket<Object> ticket =
        new Ticket<>(this, MirrorOrder.CAUSAL, "tenant", keys == 0 ? null : this);
    ordering.enqueue(ticket, 0);
    waiting.add(ticket);
    if (waiting.size() >= IN_FLIGHT) {
      ordering.responded(ticket);
    }
    for (Ticket<Object> next = ordering.nextToRead(0);
        next != null;
        next = ordering.nextToRead(0)) {
      KeySet<Object> read = ordering.newKeySet();
      for (int i = 0; i < keys; i++) {
        read.accept(nextKey++ % 100_000);
      }
      read.seal(true);
      ordering.read(next, read);
    }
  }

  @Benchmark
  public Object captureResponseSendFinish() {
    arrive();
    Object sent = ordering.poll((scope, running) -> 0, 0);
    ordering.finished(waiting.remove());
    return sent == null ? this : sent;
  }
}
