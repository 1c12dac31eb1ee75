package io.github.requestmirror.gateway.prometheus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RawClient;
import io.github.requestmirror.testing.TestTarget;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;

/**
 * A Prometheus writes through a gateway to a primary, and its copies reach a secondary that is some
 * distance away and rejects samples that are out of order. The primary may be unavailable for a
 * while, after which the sender catches up.
 *
 * <p>The system property {@code order.seed} seeds the delays.
 */
final class OrderScenario {
  private final int series;
  private final int shards;
  private final int batch;
  private ToIntFunction<Random> delayMillis = random -> 0;
  private int refusedPercent;
  private Duration outage = Duration.ZERO;
  private Duration beforeOutage = Duration.ZERO;
  private Duration after = Duration.ofSeconds(15);
  private Duration watchedAtEnd = Duration.ofSeconds(5);

  /**
   * @param series the number of series, scraped every second
   * @param shards the number of requests that the sender makes at the same time
   * @param batch the number of samples in a request
   */
  OrderScenario(int series, int shards, int batch) {
    this.series = series;
    this.shards = shards;
    this.batch = batch;
  }

  /** Sets the delay of each copy before it reaches the secondary. */
  OrderScenario delay(ToIntFunction<Random> millis) {
    this.delayMillis = millis;
    return this;
  }

  /** Lets the secondary respond to some of the copies with 503. */
  OrderScenario refusing(int percent) {
    this.refusedPercent = percent;
    return this;
  }

  /** Lets the primary respond with 503 for a while. */
  OrderScenario outage(Duration before, Duration outage) {
    this.beforeOutage = before;
    this.outage = outage;
    return this;
  }

  /** Sets how long the run lasts after the outage, if there is one. */
  OrderScenario lasting(Duration after) {
    this.after = after;
    return this;
  }

  /** Sets the part of the run, at its end, of which the backlog is reported separately. */
  OrderScenario watchedAtEnd(Duration duration) {
    this.watchedAtEnd = duration;
    return this;
  }

  OrderRun run(Path dir, String... options) throws Exception {
    long seed = Long.getLong("order.seed", System.nanoTime());
    Lag lag = new Lag();
    try (Exporter exporter = new Exporter(series);
        Prometheus primary = Prometheus.receiver(dir.resolve("primary"));
        Prometheus secondary = Prometheus.receiver(dir.resolve("secondary"));
        TestTarget primaryDoor = new TestTarget().behave(lag.primary(forward(primary.port())));
        TestTarget secondaryDoor =
            new TestTarget()
                .behave(lag.secondary(late(new Random(seed), forward(secondary.port()))));
        GatewayJar gateway = new GatewayJar(dir, primaryDoor.uri(), secondaryDoor.uri(), options)) {
      Backlog backlog = new Backlog(gateway);
      Backlog backlogAtEnd = new Backlog(gateway);
      JsonNode before;
      try (Prometheus sender =
          Prometheus.sender(
              dir.resolve("sender"), exporter.port(), gateway.port(), shards, batch)) {
        if (!outage.isZero()) {
          backlog.watch(beforeOutage);
          primaryDoor.behave(lag.primary(TestTarget.status(503)));
          backlog.watch(outage);
          primaryDoor.behave(lag.primary(forward(primary.port())));
        }
        backlog.watch(after.minus(watchedAtEnd));
        before = gateway.stats();
        backlogAtEnd.watch(watchedAtEnd);
        double retried = sender.metric("prometheus_remote_storage_samples_retried_total");
        assertThat(retried > 0).as("the sender retried").isEqualTo(!outage.isZero());
      }
      gateway.awaitSettled();

      JsonNode after = gateway.stats();
      Map<String, Map<String, String>> atPrimary = primary.samples();
      OrderRun run =
          new OrderRun(
              Prometheus.count(atPrimary),
              Prometheus.missing(atPrimary, secondary.samples()).size(),
              secondary.metric("prometheus_tsdb_out_of_order_samples_total"),
              secondaryDoor.maxConcurrency(),
              lag.percentile(50),
              lag.percentile(99),
              Math.max(backlog.most(), backlogAtEnd.most()),
              backlogAtEnd.percentile(95),
              after.path("retries").asLong(),
              difference(after, before, "bodiesRead")
                  + difference(after, before, "bodiesUnreadable"),
              difference(after, before, "offered"));
      System.out.println(
          dir.getFileName() + " " + String.join(" ", options) + " seed=" + seed + ": " + run);
      return run;
    }
  }

  private static long difference(JsonNode after, JsonNode before, String name) {
    return after.path(name).asLong() - before.path(name).asLong();
  }

  /** The numbers of queued copies that were seen. */
  private static final class Backlog {
    private final GatewayJar gateway;
    private final List<Integer> seen = new ArrayList<>();

    Backlog(GatewayJar gateway) {
      this.gateway = gateway;
    }

    /** Watches for {@code duration}, because a scenario is about phases of that length. */
    void watch(Duration duration) {
      long end = System.nanoTime() + duration.toNanos();
      await()
          .atMost(duration.plusSeconds(10))
          .pollInterval(Duration.ofMillis(50))
          .until(
              () -> {
                seen.add(gateway.stats().path("queued").asInt());
                return System.nanoTime() - end >= 0;
              });
    }

    int most() {
      return percentile(100);
    }

    int percentile(int percent) {
      return seen.stream()
          .sorted()
          .skip(Math.max(0, seen.size() * percent / 100 - 1))
          .findFirst()
          .orElse(0);
    }
  }

  /** Forwards a request and its response over a new connection. */
  static TestTarget.Behaviour forward(int port) {
    return (request, out) -> {
      try (RawClient client = new RawClient(port)) {
        HttpMessage response = client.exchange(request);
        out.write(response.head());
        out.write(response.body());
        out.flush();
      }
    };
  }

  private TestTarget.Behaviour late(Random random, TestTarget.Behaviour then) {
    return (request, out) -> {
      int millis;
      boolean refuse;
      synchronized (random) {
        millis = delayMillis.applyAsInt(random);
        refuse = random.nextInt(100) < refusedPercent;
      }
      TimeUnit.MILLISECONDS.sleep(millis);
      (refuse ? TestTarget.status(503) : then).handle(request, out);
    };
  }
}
