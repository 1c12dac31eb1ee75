package io.github.requestmirror.soak;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.github.requestmirror.Capture;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorListener;
import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.slf4j.LoggerFactory;

/**
 * A gateway without a server, in a process with a small heap. Prints what it finds. Prints {@link
 * #CALM} when its own faults have ended, and continues when a line of its input says that those of
 * the targets have ended, too.
 */
final class SoakProgram {
  static final List<String> TARGETS = List.of("plain", "retrying", "selective");
  static final String CALM = "calm";
  static final int LAST_REQUESTS = 30;

  private static final int TRAFFIC_THREADS = 3;
  private static final long PATIENCE_SECONDS = 45;

  private final Random random;
  private final Payloads payloads = new Payloads();
  private final Mirror mirror;
  private final List<Traffic> traffic = new ArrayList<>();
  private long requests;

  private SoakProgram(long seed, List<URI> uris) {
    this.random = new Random(seed);
    Mirror.Builder builder = Mirror.builder().listener(new SlowListener(random.nextLong()));
    for (int i = 0; i < TARGETS.size(); i++) {
      String name = TARGETS.get(i);
      builder.target(target(name, uris.get(i)), PolicyChanges.policy(name));
    }
    this.mirror = builder.start();
    for (int i = 0; i < TRAFFIC_THREADS; i++) {
      traffic.add(new Traffic(mirror, payloads, new Random(random.nextLong())));
    }
  }

  private static MirrorTarget target(String name, URI uri) {
    MirrorTarget.Builder target =
        MirrorTarget.builder(uri)
            .name(name)
            .connectTimeout(Duration.ofMillis(500))
            .callTimeout(Duration.ofSeconds(1))
            .maxQueueTime(Duration.ofSeconds(2))
            .maxBodyBytes(400 << 10);
    return switch (name) {
      case "plain" -> target.bufferBytes(3 << 20).maxInFlight(16).build();
      case "retrying" ->
          target
              .bufferBytes(2 << 20)
              .maxInFlight(4)
              .maxRetries(3)
              .connectionTimeToLive(Duration.ofSeconds(1))
              .build();
      default ->
          target.bufferBytes(2 << 20).maxInFlight(32).callTimeout(Duration.ofMillis(300)).build();
    };
  }

  /** Is slow at times, throws at times, and blocks for seconds once in a few thousand calls. */
  private static final class SlowListener implements MirrorListener {
    private final long seed;
    private int calls;

    SlowListener(long seed) {
      this.seed = seed;
    }

    @Override
    public synchronized void onEnd(Event event) {
      calls++;
      long dice = Math.floorMod(seed + calls * 0x9e3779b97f4a7c15L, 4000);
      if (dice == 0) {
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(2));
      } else if (dice < 40) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(dice));
      } else if (dice < 80) {
        throw new IllegalStateException("listener failed on purpose");
      } else if (dice < 120) {
        throw new AssertionError("listener failed on purpose");
      }
    }
  }

  /**
   * Runs the soak.
   *
   * @param arguments the seed, the seconds with faults, whether to fill the heap, and the targets
   */
  public static void main(String[] arguments) throws Exception {
    ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.OFF);
    List<URI> uris = new ArrayList<>();
    for (int i = 3; i < arguments.length; i++) {
      uris.add(URI.create(arguments[i]));
    }
    SoakProgram program = new SoakProgram(Long.parseLong(arguments[0]), uris);
    long nanos = TimeUnit.SECONDS.toNanos(Long.parseLong(arguments[1]));
    program.runWithFaults(nanos, Boolean.parseBoolean(arguments[2]));
    program.checkBooks("after the faults");
    program.recover();
    program.sendLast();
    program.mirror.close();
    program.checkBooks("after close");
    program.checkThreads();
  }

  private void runWithFaults(long nanos, boolean fillsHeap) throws Exception {
    PolicyChanges changes = new PolicyChanges(mirror, traffic, new Random(random.nextLong()));
    FullHeap fullHeap = new FullHeap(new Random(random.nextLong()));
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    traffic.forEach(Traffic::start);
    changes.start();
    // The heap is filled later, because the mirror may then run out of memory, which is an
    // internal error, too.
    watch(nanos / 3);
    require(count(Outcome.INTERNAL_ERROR) == 0, "internal errors although the heap is not full");
    if (fillsHeap) {
      fullHeap.start();
    }
    watch(nanos - nanos / 3);
    fullHeap.end();
    changes.end();
    for (Traffic each : traffic) {
      each.end();
      requests += each.started();
      require(each.thrownByMirror() == 0, each.thrownByMirror() + " calls of the mirror threw");
    }
    System.out.println("after " + fullHeap.times() + " times with a full heap: " + mirror.stats());
    System.out.println(CALM);
    String ignored = in.readLine();
  }

  /** Checks what holds at any time. */
  private void watch(long nanos) {
    long start = System.nanoTime();
    while (System.nanoTime() - start < nanos) {
      try {
        for (MirrorStats.Target target : mirror.stats().targets()) {
          require(target.pending() >= 0, "more ends than requests");
          require(target.bufferedBytes() >= 0, "more bytes released than reserved");
          require(target.bufferedBytes() <= (3 << 20) * 9 / 8, "the buffer is too full");
          require(target.inFlight() <= 32, "too many copies in flight");
        }
      } catch (OutOfMemoryError e) {
        // The next look may have memory.
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
  }

  /** Everything ends, once, and all memory is released. */
  private void checkBooks(String when) {
    for (String name : TARGETS) {
      boolean settled =
          within(
              () -> {
                MirrorStats.Target target = mirror.stats().target(name);
                return target.pending() == 0
                    && target.bufferedBytes() == 0
                    && target.queued() == 0
                    && target.inFlight() == 0;
              });
      MirrorStats.Target target = mirror.stats().target(name);
      require(settled, when + " not settled: " + target);
      require(target.offered() == requests, when + " " + requests + " requests, but " + target);
    }
  }

  /** The circuit breakers and back-offs end soon after the faults. */
  private void recover() {
    for (int i = 0; i < Payloads.TENANTS; i++) {
      String tenant = Payloads.tenant(i);
      for (String target : TARGETS) {
        boolean recovered =
            within(
                () -> {
                  long before = accepted(target);
                  send(Payloads.last(tenant, -1));
                  awaitSettled();
                  return accepted(target) > before;
                });
        require(recovered, target + " does not recover for " + tenant + ": " + mirror.stats());
      }
    }
  }

  private void sendLast() {
    for (int i = 0; i < LAST_REQUESTS; i++) {
      for (int j = 0; j < Payloads.TENANTS; j++) {
        send(Payloads.last(Payloads.tenant(j), i));
      }
      awaitSettled();
    }
  }

  private void send(Payloads.Payload payload) {
    requests++;
    Capture capture = mirror.capture(payload.head());
    capture.write(payload.body(), 0, payload.body().length);
    capture.complete();
    capture.primaryResponded(204);
  }

  private void awaitSettled() {
    boolean settled =
        within(() -> mirror.stats().targets().stream().allMatch(target -> target.pending() == 0));
    require(settled, "not settled: " + mirror.stats());
  }

  private long accepted(String target) {
    return mirror.stats().target(target).count(Outcome.ACCEPTED);
  }

  private long count(Outcome outcome) {
    return mirror.stats().targets().stream().mapToLong(target -> target.count(outcome)).sum();
  }

  private void checkThreads() {
    boolean ended =
        within(
            () ->
                Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().startsWith("mirror-")));
    require(ended, "a thread of the mirror is left");
  }

  private static boolean within(BooleanSupplier condition) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)) {
        return false;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
    }
    return true;
  }

  private static void require(boolean condition, String problem) {
    if (!condition) {
      throw new AssertionError(problem);
    }
  }
}
