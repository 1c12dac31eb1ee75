package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Headers;
import io.github.requestmirror.RequestHead;
import io.github.requestmirror.internal.capture.BodyCapture;
import io.github.requestmirror.internal.dispatch.SimulatedTarget.Behavior;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Runs whole pipelines, from the capture to the statistics, on one thread under one seed: tenants,
 * bodies and primaries of every kind, targets with every fault, a listener that throws or blocks,
 * memory that runs short, policies that change, and a close at any moment. The rules are checked
 * after each step; a run with the same seed takes the same steps.
 */
final class Simulation {
  private static final int STEPS = 400;
  private static final Behavior[] BEHAVIORS = Behavior.values();

  /** A rule that does not hold. */
  static final class Failure extends AssertionError {
    private static final long serialVersionUID = 1;

    Failure(String message) {
      super(message);
    }
  }

  private final Random random;
  private final ManualClock clock = new ManualClock();
  private final List<SimulatedPipeline> pipelines = new ArrayList<>();
  private final List<SimulatedPrimary> primaries = new ArrayList<>();

  /** All calls but the last ones have been made: hung requests, and some that have ended. */
  private final List<SimulatedPrimary> silent = new ArrayList<>();

  private final int maxOpen;
  private final int tenants;
  private boolean memoryIsShort;
  private final SimulatedMemory memory;
  private long moments;
  private int requests;

  private Simulation(long seed) {
    // Generators of successive seeds begin with nearly the same numbers.
    random = new Random(new SplittableRandom(seed).nextLong());
    memory = new SimulatedMemory(() -> memoryIsShort ? random : null);
    maxOpen = 1 + random.nextInt(8);
    tenants = 1 + random.nextInt(3);
    int targets = 1 + random.nextInt(2);
    for (int i = 0; i < targets; i++) {
      pipelines.add(new SimulatedPipeline(random, clock, "target" + i));
    }
  }

  /** Runs one seed; throws {@link Failure} if a rule does not hold. */
  static void run(long seed) {
    Simulation simulation = new Simulation(seed);
    simulation.run();
  }

  private void run() {
    boolean closesEarly = random.nextInt(4) == 0;
    int steps = closesEarly ? random.nextInt(STEPS) : STEPS;
    for (int i = 0; i < steps; i++) {
      step();
    }
    heal();
    if (!closesEarly) {
      finishPrimaries();
      requireDrained();
      requireRecovered();
    }
    close();
  }

  private void step() {
    int choice = random.nextInt(100);
    if (choice < 30) {
      SimulatedPrimary primary = primaries.isEmpty() ? null : any(primaries);
      if (primary != null && !primary.step()) {
        primaries.remove(primary);
        silent.add(primary);
      }
    } else if (choice < 45) {
      if (primaries.size() < maxOpen) {
        primaries.add(start());
      }
    } else if (choice < 78) {
      any(pipelines).runIfAwake();
    } else if (choice < 80) {
      any(pipelines).readKeys(memoryIsShort ? random : null);
    } else if (choice < 92) {
      clock.advance(Duration.ofNanos(random.nextInt(5_000_000)));
    } else if (choice < 94) {
      clock.advance(Duration.ofMillis(random.nextInt(2000)));
    } else if (choice < 95) {
      any(pipelines).readKeys(memoryIsShort ? random : null);
    } else if (choice < 97) {
      any(pipelines).runReports();
    } else {
      change();
    }
  }

  private void change() {
    switch (random.nextInt(6)) {
      case 0, 1 -> any(pipelines).target().behave(BEHAVIORS[random.nextInt(BEHAVIORS.length)]);
      case 2 -> memoryIsShort = !memoryIsShort;
      case 3 -> any(pipelines).replacePolicy();
      case 4 -> any(pipelines).breakSelector(random.nextBoolean());
      default -> any(pipelines).breakListener(random.nextInt(3));
    }
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  /** Starts a request as the mirror does. */
  private SimulatedPrimary start() {
    int number = requests++;
    byte[] body = SimulatedPrimary.body(number, bodySize());
    boolean declared = random.nextBoolean();
    RequestHead head = head(number, declared ? body.length : -1);
    Random failures = memoryIsShort ? random : null;
    @Nullable Copy[] copies = new Copy[pipelines.size()];
    List<SimulatedOrder.Entry> entries = new ArrayList<>();
    RequestHead source = head;
    boolean admitted = false;
    for (int i = 0; i < copies.length; i++) {
      SimulatedPipeline pipeline = pipelines.get(i);
      Copy copy = pipeline.admit(source, failures);
      if (copy != null) {
        source = copy.head();
        admitted = true;
        copies[i] = copy;
        SimulatedOrder.Entry entry = pipeline.admitted(copy);
        entry.declared = declared;
        entries.add(entry);
      }
    }
    Capture capture =
        admitted
            ? new BodyCapture(copies, declared ? body.length : -1, clock, memory)
            : Capture.none();
    return new SimulatedPrimary(random, capture, entries, body, () -> ++moments, clock);
  }

  private int bodySize() {
    return switch (random.nextInt(8)) {
      case 0 -> 0;
      case 1 -> 1 + random.nextInt(100_000);
      default -> 1 + random.nextInt(2000);
    };
  }

  private RequestHead head(int number, int declared) {
    String method = random.nextInt(10) == 0 ? "GET" : "POST";
    List<String> fields = new ArrayList<>();
    fields.addAll(Arrays.asList("X-Scope-OrgID", "tenant" + random.nextInt(tenants)));
    if (declared >= 0) {
      fields.addAll(Arrays.asList("Content-Length", Integer.toString(declared)));
    }
    if (random.nextInt(50) == 0) {
      // Refused when the copy is made.
      fields.addAll(Arrays.asList("Not A Token", "value"));
    }
    return RequestHead.of(method, "/" + number, null, Headers.of(fields.toArray(String[]::new)));
  }

  /** Ends all faults. */
  private void heal() {
    memoryIsShort = false;
    pipelines.forEach(SimulatedPipeline::heal);
  }

  /** All copies end without an event of a primary, within the time that the limits allow. */
  private void requireDrained() {
    long start = clock.getAsLong();
    pipelines.forEach(SimulatedPipeline::settle);
    int turnsWithoutSleep = 0;
    for (long pending = pending(); pending > 0; pending = pending()) {
      long next = Long.MAX_VALUE;
      long bound = 0;
      for (SimulatedPipeline pipeline : pipelines) {
        next = Math.min(next, Math.max(1, pipeline.target().untilAwake()));
        bound = Math.max(bound, pipeline.longestDrain());
      }
      long elapsed = clock.getAsLong() - start;
      if (next > bound - elapsed) {
        throw new Failure(pending + " requests have not ended in time: " + pipelines);
      }
      turnsWithoutSleep += next == 1 ? 1 : 0;
      if (turnsWithoutSleep > 1000) {
        throw new Failure("a thread spins: " + pipelines);
      }
      clock.advance(Duration.ofNanos(next));
      pipelines.forEach(SimulatedPipeline::settle);
    }
  }

  private long pending() {
    return pipelines.stream().mapToLong(SimulatedPipeline::pending).sum();
  }

  /** After the faults, and the longest back-off, every target accepts copies again. */
  private void requireRecovered() {
    for (int i = 0; i < 100; i++) {
      request();
      clock.advance(Duration.ofMillis(400));
      pipelines.forEach(SimulatedPipeline::settle);
    }
    requireDrained();
    List<Long> before = pipelines.stream().map(SimulatedPipeline::accepted).toList();
    for (int i = 0; i < 5; i++) {
      request();
    }
    requireDrained();
    for (int i = 0; i < pipelines.size(); i++) {
      long accepted = pipelines.get(i).accepted() - before.get(i);
      if (accepted < 5 && pipelines.get(i).mirrorsAll()) {
        throw new Failure(
            "the target has not recovered: " + accepted + " of 5 accepted by " + pipelines.get(i));
      }
    }
  }

  /** A request that is captured and responded to at once. */
  private void request() {
    byte[] body = SimulatedPrimary.body(requests++, 100);
    RequestHead head =
        RequestHead.of("POST", "/" + requests, null, Headers.of("X-Scope-OrgID", "tenant0"));
    @Nullable Copy[] copies = new Copy[pipelines.size()];
    boolean admitted = false;
    List<SimulatedOrder.Entry> entries = new ArrayList<>();
    for (int i = 0; i < copies.length; i++) {
      copies[i] = pipelines.get(i).admit(head, null);
      Copy copy = copies[i];
      if (copy != null) {
        admitted = true;
        entries.add(pipelines.get(i).admitted(copy));
      }
    }
    if (!admitted) {
      return;
    }
    Capture capture = new BodyCapture(copies, -1, clock, memory);
    capture.write(body, 0, body.length);
    long captured = ++moments;
    for (SimulatedOrder.Entry entry : entries) {
      entry.body = body;
      entry.captured = captured;
    }
    capture.complete();
    long responded = ++moments;
    for (SimulatedOrder.Entry entry : entries) {
      entry.responding = responded;
      entry.status = 204;
    }
    capture.primaryResponded(204);
  }

  private void close() {
    pipelines.forEach(SimulatedPipeline::startClosing);
    boolean waits = random.nextBoolean();
    int steps = random.nextInt(20);
    for (int i = 0; i < steps; i++) {
      step();
    }
    pipelines.forEach(pipeline -> pipeline.finishClosing(waits));
    finishPrimaries();
    pipelines.forEach(SimulatedPipeline::requireExactBooks);
  }

  private void finishPrimaries() {
    primaries.forEach(SimulatedPrimary::finish);
    primaries.clear();
    silent.forEach(SimulatedPrimary::finish);
    silent.clear();
  }
}
