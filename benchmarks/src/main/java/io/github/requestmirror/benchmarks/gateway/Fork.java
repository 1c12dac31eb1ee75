package io.github.requestmirror.benchmarks.gateway;

import io.github.requestmirror.benchmarks.load.H2Load;
import io.github.requestmirror.benchmarks.load.LoadResult;
import io.github.requestmirror.benchmarks.load.TimedLoad;
import io.github.requestmirror.benchmarks.process.Cpus;
import io.github.requestmirror.benchmarks.process.NginxSink;
import io.github.requestmirror.benchmarks.process.Ports;
import io.github.requestmirror.benchmarks.process.Secondary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * All variants, started once. They take turns, in an order that is reversed every other round, so
 * that differences and ratios can be paired by round.
 */
final class Fork implements AutoCloseable {
  /** Of the open loop: enough that a slow response delays no other request. */
  private static final int OPEN_CONNECTIONS = 64;

  private static final long LONGEST_BACK_OFF = TimeUnit.SECONDS.toNanos(10);

  /** A gateway is warm when its JIT compiler takes less of a request, in nanoseconds. */
  private static final long WARM_JIT = TimeUnit.MICROSECONDS.toNanos(5);

  private static final int MAX_WARM_UP = 10;
  private static final int WARM_UP_REQUESTS = 4000;

  private static final double SHARE_OF_SATURATION = 0.6;

  /** After so long the buffer is full, if it ever is. */
  private static final int SECONDS_TO_FILL = 2;

  private final int fork;
  private final int seconds;
  private final Path directory;
  private final List<Integer> sizes;
  private final Consumer<Sample> samples;
  private final NginxSink primary;
  private final Secondary secondary;
  private final TimedLoad load;
  private final Map<Variant, RunningGateway> gateways = new EnumMap<>(Variant.class);

  /** The requests per second of each variant at the end of its warm-up, by size. */
  private final Map<Integer, Map<Variant, Double>> rates = new HashMap<>();

  Fork(
      int fork,
      int seconds,
      Path directory,
      Gateways starter,
      Collection<Variant> variants,
      List<Integer> sizes,
      Consumer<Sample> samples)
      throws IOException, InterruptedException {
    this.fork = fork;
    this.seconds = seconds;
    this.directory = directory;
    this.sizes = sizes;
    this.samples =
        sample -> {
          System.out.println(sample);
          samples.accept(sample);
        };
    this.primary = NginxSink.start("primary", directory, Cpus.LOAD, Ports.free());
    this.secondary = new Secondary(directory);
    this.load = TimedLoad.start(directory, Cpus.LOAD);
    for (Variant variant : variants) {
      gateways.put(variant, starter.start(variant, primary.port(), secondary.port()));
    }
  }

  /**
   * Sends requests to each gateway: half of the time with all CPUs, then with its own, until the
   * JIT compiler is nearly idle. Before that, the filter seems to cost several times of what it
   * does.
   *
   * @param time the least time for each gateway and size, in seconds; the longest is ten times that
   */
  void warmUp(int time) throws Exception {
    for (boolean pinned : new boolean[] {false, true}) {
      for (int size : sizes) {
        for (Variant variant : gateways.keySet()) {
          long least = variant.isJvm() ? TimeUnit.SECONDS.toNanos(time) / 2 : 0;
          double rate = warmUp(variant, size, least, pinned ? MAX_WARM_UP * least : least);
          rates.computeIfAbsent(size, key -> new EnumMap<>(Variant.class)).put(variant, rate);
        }
      }
      for (RunningGateway gateway : gateways.values()) {
        gateway.pin();
      }
    }
    // The clients are a JVM, too.
    load.closed(primary.port(), sizes.get(0), H2Load.CONNECTIONS, 3);
    settle(Variant.JETTY, 0);
  }

  /** Returns the requests per second at the end. */
  private double warmUp(Variant variant, int size, long least, long most) throws Exception {
    H2Load clients = new H2Load(directory, size);
    RunningGateway gateway = gateways.get(variant);
    long start = System.nanoTime();
    while (true) {
      long jit = gateway.jitNanos();
      double rate =
          clients.send(gateway.port(), WARM_UP_REQUESTS, 0, Cpus.LOAD).requestsPerSecond();
      boolean isWarm = (gateway.jitNanos() - jit) / WARM_UP_REQUESTS < WARM_JIT;
      long time = System.nanoTime() - start;
      if ((time >= least && isWarm) || time >= most) {
        System.out.printf(
            "%s, %d B: warm %s after %d s%n",
            variant.option(), size, isWarm, TimeUnit.NANOSECONDS.toSeconds(time));
        return rate;
      }
    }
  }

  private List<Variant> turns(int round) {
    List<Variant> turns = new ArrayList<>(gateways.keySet());
    if (round % 2 == 1) {
      Collections.reverse(turns);
    }
    return turns;
  }

  /** As many requests as each gateway takes, for the CPU time of a request. */
  void saturated(int round) throws Exception {
    for (int size : sizes) {
      H2Load clients = new H2Load(directory, size);
      for (Variant variant : turns(round)) {
        RunningGateway gateway = gateways.get(variant);
        Sample.Builder sample = sample("saturated", variant, "healthy", size, round);
        long requests = (long) (rates.get(size).get(variant) * seconds);
        Meter meter = new Meter(variant, gateway);
        H2Load.Result result = clients.send(gateway.port(), requests, 0, Cpus.LOAD);
        sample.drainMillis = settle(variant, meter.received + requests * variant.copies());
        meter.stop(sample);
        double[] latencies = result.latencies();
        sample.requestsPerSecond = result.requestsPerSecond();
        sample.p50 = percentile(latencies, 0.5);
        sample.p90 = percentile(latencies, 0.9);
        sample.p99 = percentile(latencies, 0.99);
        sample.p999 = percentile(latencies, 0.999);
        samples.accept(sample.build());
      }
    }
  }

  private static double percentile(double[] sorted, double share) {
    return sorted[(int) Math.min(sorted.length - 1, sorted.length * share)];
  }

  /**
   * Requests at a fixed rate, for percentiles.
   *
   * @param wanted requests per second, or 0 for a share of what the slowest variant can do
   */
  void paced(int round, double wanted) throws Exception {
    for (int size : sizes) {
      double slowest = Collections.min(rates.get(size).values());
      double rate = wanted > 0 ? wanted : SHARE_OF_SATURATION * slowest;
      for (Variant variant : turns(round)) {
        RunningGateway gateway = gateways.get(variant);
        Sample.Builder sample = sample("paced", variant, "healthy", size, round);
        Meter meter = new Meter(variant, gateway);
        LoadResult result = load.open(gateway.port(), size, OPEN_CONNECTIONS, seconds, rate);
        sample.drainMillis = settle(variant, meter.received + result.due() * variant.copies());
        meter.stop(sample);
        add(sample, result);
      }
    }
  }

  /**
   * As many requests as each gateway takes while the secondary misbehaves. The variants take turns
   * within one fault. What comes before the buffer is full and the JIT compiler idle counts only
   * for the first time.
   *
   * @param scenario {@link Sample#FAULT} or {@link Sample#FIRST_FAULT}
   */
  void fault(String scenario, String behaviour, int rounds) throws Exception {
    secondary.behave(behaviour);
    int size = sizes.get(0);
    if (scenario.equals(Sample.FAULT)) {
      for (RunningGateway gateway : gateways.values()) {
        warmUpFault(gateway, size);
      }
    }
    for (int round = 0; round < rounds; round++) {
      for (Variant variant : turns(round)) {
        Sample.Builder sample = sample(scenario, variant, behaviour, size, round);
        measureFault(sample, gateways.get(variant), size);
      }
    }
    secondary.behave("healthy");
    recover();
  }

  private void measureFault(Sample.Builder sample, RunningGateway gateway, int size)
      throws Exception {
    GatewayCounters before = gateway.counters();
    long cpu = gateway.cpuNanos();
    LoadResult result = load.closed(gateway.port(), size, H2Load.CONNECTIONS, seconds);
    sample.cpu = (gateway.cpuNanos() - cpu) / 1e3 / Math.max(1, result.responses());
    sample.full = gateway.counters().full() - before.full();
    sample.backlog = gateway.counters().pending();
    add(sample, result);
  }

  /**
   * Requests that are not mirrored any more take other ways through the gateway, for which the JIT
   * compiler compiles it once more.
   */
  private void warmUpFault(RunningGateway gateway, int size) throws Exception {
    boolean isWarm = false;
    for (int i = 0; i < MAX_WARM_UP && !isWarm; i++) {
      long jit = gateway.jitNanos();
      long responses =
          load.closed(gateway.port(), size, H2Load.CONNECTIONS, SECONDS_TO_FILL).responses();
      isWarm = gateway.jitNanos() - jit <= responses * WARM_JIT;
    }
  }

  /** Waits until mirrors that back off have noticed that the secondary is healthy. */
  private void recover() throws Exception {
    for (Variant variant : gateways.keySet()) {
      long end = System.nanoTime() + LONGEST_BACK_OFF;
      long received = secondary.requests();
      while (variant.hasMirror()
          && secondary.requests() - received < 1000
          && System.nanoTime() < end) {
        load.closed(gateways.get(variant).port(), sizes.get(0), H2Load.CONNECTIONS, 1);
      }
      settle(variant, 0);
    }
  }

  /** As many requests as each gateway takes for a long time: does the mirror keep up? */
  void sustained(int time) throws Exception {
    for (int size : sizes) {
      for (Variant variant : gateways.keySet()) {
        if (variant.hasMirror()) {
          sustained(variant, size, time);
        }
      }
    }
  }

  private void sustained(Variant variant, int size, int time) throws Exception {
    RunningGateway gateway = gateways.get(variant);
    Sample.Builder sample = sample("sustained", variant, "healthy", size, 0);
    load.start(gateway.port(), size, H2Load.CONNECTIONS, time, 0);
    TimeUnit.SECONDS.sleep(time / 3);
    Meter meter = new Meter(variant, gateway);
    sample.backlog = meter.before.pending();
    // Ends before the load does, so that what is counted is the same for both clusters.
    for (int second = time / 3; second < time - 1; second++) {
      TimeUnit.SECONDS.sleep(1);
      sample.backlog = Math.max(sample.backlog, gateway.counters().pending());
    }
    meter.stop(sample);
    LoadResult result = load.result();
    settle(variant, 0);
    add(sample, result);
  }

  private Sample.Builder sample(
      String scenario, Variant variant, String secondary, int size, int round) {
    return new Sample.Builder(scenario, variant, secondary, size, fork, round);
  }

  private void add(Sample.Builder sample, LoadResult result) {
    sample.requestsPerSecond = result.requestsPerSecond();
    sample.p50 = result.p50();
    sample.p90 = result.p90();
    sample.p99 = result.p99();
    sample.p999 = result.p999();
    sample.longestWaitMillis = result.longestWaitMillis();
    sample.stalledConnections = result.stalledConnections();
    sample.failures = result.failures();
    samples.accept(sample.build());
  }

  /**
   * Waits until the secondary has received so many requests, or none for half a second.
   *
   * @return the milliseconds until the last one
   */
  private double settle(Variant variant, long expected) throws Exception {
    long start = System.nanoTime();
    long last = start;
    long received = secondary.requests();
    while (System.nanoTime() - last < TimeUnit.MILLISECONDS.toNanos(500)) {
      if (expected > 0 && received >= expected) {
        break;
      }
      TimeUnit.MILLISECONDS.sleep(5);
      long now = secondary.requests();
      if (now != received) {
        received = now;
        last = System.nanoTime();
      }
      if (!variant.hasMirror() && expected > 0) {
        break;
      }
    }
    return (last - start) / 1e6;
  }

  /** The counters of a gateway and of both clusters before a measurement. */
  private final class Meter {
    private final Variant variant;
    private final RunningGateway gateway;
    private final GatewayCounters before;
    private final long requests;
    private final long received;
    private final long cpu;
    private final long jit;

    Meter(Variant variant, RunningGateway gateway) throws IOException, InterruptedException {
      this.variant = variant;
      this.gateway = gateway;
      before = gateway.counters();
      requests = primary.requests();
      received = secondary.requests();
      cpu = gateway.cpuNanos();
      jit = gateway.jitNanos();
    }

    void stop(Sample.Builder sample) throws IOException, InterruptedException {
      double requests = Math.max(1, primary.requests() - this.requests);
      long copies = secondary.requests() - received;
      sample.cpu = (gateway.cpuNanos() - cpu) / 1e3 / requests;
      sample.jit = (gateway.jitNanos() - jit) / 1e3 / requests;
      GatewayCounters after = gateway.counters();
      if (variant.isJvm()) {
        sample.allocated = (after.allocated() - before.allocated()) / requests;
        sample.full = after.full() - before.full();
      }
      if (variant.hasMirror()) {
        sample.delivered = copies / requests / variant.copies();
      }
    }
  }

  @Override
  public void close() {
    gateways.values().forEach(RunningGateway::close);
    load.close();
    secondary.close();
    primary.close();
  }
}
