package io.github.requestmirror.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Cortex;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.Heads;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TopScopesTest {
  private static final URI TARGET = URI.create("http://127.0.0.1:1");

  @RegisterExtension final Conservation conservation = new Conservation();

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final TopScopes top = new TopScopes(registry, Tags.empty(), 3);
  private final Mirror mirror =
      Mirror.start(MirrorTarget.builder(TARGET).maxBodyBytes(1).build(), Cortex.writes().build());

  /** Loses requests of a tenant before they are captured. */
  private void lose(String tenant, int times) {
    lose("/api/v1/push", tenant, times);
  }

  private void lose(String path, String tenant, int times) {
    for (int i = 0; i < times; i++) {
      mirror.capture(Heads.head("POST", path, "X-Scope-OrgID", tenant, "Content-Length", "2"));
    }
  }

  @BeforeEach
  void watch() {
    conservation.watch(mirror);
  }

  private MirrorStats.Target stats() {
    return mirror.stats().targets().get(0);
  }

  private Map<String, Double> counters() {
    Map<String, Double> counters = new TreeMap<>();
    registry
        .find("http.mirror.scope.losses")
        .functionCounters()
        .forEach(meter -> counters.put(meter.getId().getTag("scope"), meter.count()));
    return counters;
  }

  @Test
  void lossesBeforeTheCounterOfAScope_areThoseOfOther() {
    lose("a", 2);
    top.update(stats());
    assertThat(counters()).isEqualTo(Map.of("other", 2.0, "a", 0.0));

    lose("a", 5);
    lose("b", 1);
    top.update(stats());
    assertThat(counters()).isEqualTo(Map.of("other", 3.0, "a", 5.0, "b", 0.0));
  }

  @Test
  void scopeThatLosesMoreReplacesOne() {
    lose("a", 30);
    lose("b", 20);
    lose("c", 10);
    top.update(stats());
    lose("d", 15);
    top.update(stats());

    assertThat(counters()).containsOnlyKeys("a", "b", "d", "other").containsEntry("other", 75.0);
  }

  @Test
  void valuesAreShortAndPrintable() {
    lose("é\"" + "x".repeat(100), 1);
    top.update(stats());

    assertThat(counters()).containsOnlyKeys("other", "?\"" + "x".repeat(62));
  }

  @Test
  void tenantHasOneCounterForSamplesAndOtherRequests() {
    mirror.replacePolicy(MirrorTarget.of(TARGET).name(), Cortex.everything().build());
    lose("a", 1);
    lose("/other", "a", 1);
    top.update(stats());
    lose("a", 2);
    lose("/other", "a", 3);
    top.update(stats());

    assertThat(stats().lossesByScope()).hasSize(2);
    assertThat(counters()).isEqualTo(Map.of("other", 2.0, "a", 5.0));
  }

  @Test
  void scopeNamedOtherIsNotShown() {
    lose("other", 3);
    top.update(stats());
    lose("other", 3);
    top.update(stats());

    assertThat(counters()).isEqualTo(Map.of("other", 6.0));
  }

  @Test
  void countersNeverDecrease_andScopesThatLoseLittleDoNotComeAndGo() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    Map<String, Double> before = counters();
    Set<String> shown = new TreeSet<>();
    for (int i = 0; i < 50; i++) {
      for (int j = 0; j < 100; j++) {
        lose("tenant" + random.nextInt(1000), 1);
      }
      lose("heavy", 20);
      top.update(stats());
      Map<String, Double> now = counters();
      assertThat(now).as("seed %d", seed).hasSizeLessThanOrEqualTo(4);
      assertThat(now.get("other")).as("seed %d", seed).isGreaterThanOrEqualTo(before.get("other"));
      assertThat(now.getOrDefault("heavy", 0.0))
          .as("seed %d", seed)
          .isGreaterThanOrEqualTo(before.getOrDefault("heavy", 0.0));
      shown.addAll(now.keySet());
      before = now;
    }
    assertThat(shown).as("seed %d", seed).contains("heavy").hasSizeLessThan(20);
    assertThat(before.get("heavy")).as("seed %d", seed).isGreaterThan(900);
  }
}
