package io.github.requestmirror.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Cortex;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.Heads;
import io.github.requestmirror.testing.TestTarget;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class MirrorMetricsTest {
  private static final String TENANT = "X-Scope-OrgID";

  @RegisterExtension final Conservation conservation = new Conservation();

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final TestTarget target = new TestTarget();
  private final Mirror mirror =
      Mirror.start(
          MirrorTarget.builder(target.uri()).name("secondary").maxInFlight(7).build(),
          Cortex.writes().build());

  private void bind(MeterRegistry registry, UnaryOperator<MirrorMetrics> options) {
    conservation.watch(mirror);
    options.apply(new MirrorMetrics(mirror)).bindTo(registry);
  }

  private void bind() {
    bind(registry, metrics -> metrics);
  }

  @AfterEach
  void closeTarget() {
    mirror.close();
    target.close();
  }

  private Capture push(String... headers) {
    Capture capture = mirror.capture(Heads.head("POST", "/api/v1/push", headers));
    capture.complete();
    return capture;
  }

  private double requests(Outcome outcome) {
    return counter(
        "requests",
        "outcome",
        outcome.name().toLowerCase(Locale.ROOT),
        "kind",
        outcome.kind().name().toLowerCase(Locale.ROOT));
  }

  private double counter(String name, String... tags) {
    return registry
        .get("http.mirror." + name)
        .tag("target", "secondary")
        .tags(tags)
        .functionCounter()
        .count();
  }

  private double gauge(String name) {
    return registry.get("http.mirror." + name).tag("target", "secondary").gauge().value();
  }

  @Test
  void metersShowTheStatistics() {
    bind();
    push();
    mirror.capture(Heads.head("GET", "/ready"));
    Conservation.awaitSettled(mirror);

    assertThat(requests(Outcome.ACCEPTED)).isEqualTo(1);
    assertThat(requests(Outcome.NOT_MATCHED)).isEqualTo(1);
    assertThat(
            registry.find("http.mirror.requests").functionCounters().stream()
                .mapToDouble(FunctionCounter::count)
                .sum())
        .isEqualTo(2);
    assertThat(counter("offered")).isEqualTo(2);
    assertThat(gauge("pending")).isZero();
    assertThat(gauge("queued")).isZero();
    assertThat(gauge("in.flight")).isZero();
    assertThat(gauge("in.flight.limit")).isEqualTo(7);
    assertThat(gauge("buffered")).isZero();
    assertThat(gauge("buffer.limit")).isEqualTo(64 << 20);
    assertThat(gauge("oldest.limit")).isPositive();
    assertThat(gauge("up")).isEqualTo(1);
  }

  @Test
  void everyOutcomeHasItsCounter() {
    bind();
    for (Outcome outcome : Outcome.values()) {
      assertThat(requests(outcome)).as("%s", outcome).isZero();
    }
  }

  @Test
  void switchesAreShown() {
    bind();
    assertThat(registry.get("http.mirror.enabled").gauge().value()).isEqualTo(1);
    assertThat(gauge("fraction")).isEqualTo(1);

    mirror.enabled(false);
    mirror.replacePolicy(
        "secondary", mirror.policy("secondary").toBuilder().fraction(0.25).build());

    assertThat(registry.get("http.mirror.enabled").gauge().value()).isZero();
    assertThat(gauge("fraction")).isEqualTo(0.25);
  }

  @Test
  void responsesAreCountedByBothStatuses_andTimedInTheSameBuckets() {
    bind();
    target.behave(TestTarget.status(400));
    push().primaryResponded(204);
    Conservation.awaitSettled(mirror);

    assertThat(counter("responses", "primary.status", "2xx", "target.status", "4xx")).isEqualTo(1);
    assertThat(counter("responses", "primary.status", "2xx", "target.status", "2xx")).isZero();
    for (String side : new String[] {"target", "primary"}) {
      FunctionTimer timer = registry.get("http.mirror.duration").tag("side", side).functionTimer();
      assertThat(timer.count()).as(side).isEqualTo(1);
      assertThat(timer.totalTime(TimeUnit.SECONDS)).as(side).isBetween(0.0, 60.0);
      assertThat(counter("duration.histogram", "side", side, "le", "60.0")).isEqualTo(1);
      assertThat(counter("duration.histogram", "side", side, "le", "+Inf")).isEqualTo(1);
    }
    int buckets = 2 * (MirrorStats.Durations.bounds().size() + 1);
    assertThat(registry.find("http.mirror.duration.histogram").meters()).hasSize(buckets);
  }

  @Test
  void everyMeterHasTheTags() {
    conservation.watch(mirror);
    new MirrorMetrics(mirror, Tags.of("mirror", "one")).lossesByScope(5).bindTo(registry);

    assertThat(registry.getMeters()).isNotEmpty();
    for (Meter meter : registry.getMeters()) {
      assertThat(meter.getId().getTag("mirror")).as("%s", meter.getId()).isEqualTo("one");
    }
  }

  @Test
  void lossesAreShownByScope_onlyIfAskedFor() {
    bind();
    SimpleMeterRegistry withScopes = new SimpleMeterRegistry();
    new MirrorMetrics(mirror).lossesByScope(5).bindTo(withScopes);
    target.behave(TestTarget.status(400));
    push(TENANT, "a");
    Conservation.awaitSettled(mirror);
    // The counter of a scope appears at its first loss, and shows those after it.
    withScopes.get("http.mirror.scope.losses").functionCounter();
    withScopes.get("http.mirror.pending").gauge().value();
    push(TENANT, "a");
    Conservation.awaitSettled(mirror);
    withScopes.get("http.mirror.pending").gauge().value();

    assertThat(
            withScopes.get("http.mirror.scope.losses").tag("scope", "a").functionCounter().count())
        .isEqualTo(1);
    assertThat(registry.find("http.mirror.scope.losses").meters()).isEmpty();
  }

  @Test
  void numberOfScopesHasARange() {
    conservation.watch(mirror);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MirrorMetrics(mirror).lossesByScope(0))
        .withMessage("scopes = 0, must be from 1 to 50");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MirrorMetrics(mirror).lossesByScope(51));
  }

  /** Requests end all the time, so values of different times would not fit. */
  @Test
  void outcomesAndPendingOfAScrapeAddUpToOffered_whileRequestsEnd() throws Exception {
    PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    bind(prometheus, metrics -> metrics);
    Thread traffic =
        new Thread(
            () -> {
              while (!Thread.currentThread().isInterrupted()) {
                mirror.capture(Heads.head("GET", "/ready"));
                push();
              }
            });
    traffic.start();
    try {
      await().until(() -> mirror.stats().targets().get(0).offered() > 1000);
      for (int i = 0; i < 20; i++) {
        String scrape = prometheus.scrape();
        assertThat(sum(scrape, "http_mirror_requests_total") + sum(scrape, "http_mirror_pending"))
            .isEqualTo(sum(scrape, "http_mirror_offered_total"));
      }
    } finally {
      traffic.interrupt();
      traffic.join();
    }
  }

  private static double sum(String scrape, String metric) {
    return Pattern.compile("^" + metric + "\\{.*} (\\S+)$", Pattern.MULTILINE)
        .matcher(scrape)
        .results()
        .mapToDouble(line -> Double.parseDouble(line.group(1)))
        .sum();
  }
}
