package io.github.requestmirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.testing.Heads;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The endpoints that the presets deny, mirror and declare read-only. */
class CortexTest {
  private static final MirrorPolicy EVERYTHING = Cortex.everything().build();
  private static final MirrorPolicy WRITES = Cortex.writes().build();

  static final List<String> DANGEROUS =
      List.of(
          "GET /ingester/shutdown",
          "POST /ingester/shutdown",
          "GET /shutdown",
          "POST /shutdown",
          "GET /ingester/flush",
          "POST /ingester/flush",
          "GET /flush",
          "POST /flush",
          "GET /ingester/mode",
          "POST /ingester/mode",
          "GET /ingester/renewTokens",
          "POST /ingester/renewTokens",
          "POST /purger/delete_tenant",
          "POST /ruler/delete_tenant_config",
          "POST /multitenant_alertmanager/delete_tenant_config",
          "POST /ring",
          "POST /ingester/ring",
          "POST /distributor/ring",
          "POST /ruler/ring",
          "POST /compactor/ring",
          "POST /store-gateway/ring",
          "POST /multitenant_alertmanager/ring",
          "POST /api/v1/alerts",
          "DELETE /api/v1/alerts",
          "POST /api/v1/rules/ns",
          "DELETE /api/v1/rules/ns",
          "DELETE /api/v1/rules/ns/group",
          "POST /api/prom/rules/ns",
          "DELETE /api/prom/rules/ns",
          "DELETE /api/prom/rules/ns/group",
          "POST /prometheus/config/v1/rules/ns",
          "DELETE /prometheus/config/v1/rules/ns/group",
          "POST /ingester/prepare-instance-ring-downscale",
          "GET /snapshot/delete",
          "GET /snapshot/delete_all",
          "POST /api/v1/user-overrides",
          "DELETE /api/v1/user-overrides",
          "DELETE /prometheus/api/v1/series",
          "DELETE /api/prom/api/v1/series",
          "POST /api/v1/admin/tsdb/delete_series",
          "PUT /api/v1/admin/tsdb/snapshot",
          "POST /ruler_ring",
          "POST /alertmanager/api/v1/silences",
          "POST /alertmanager/api/v2/alerts",
          "POST /alertmanager/api/v2/silences",
          "DELETE /alertmanager/api/v2/silence/0f1e",
          "GET /debug/pprof/profile",
          "GET /debug/fgprof",
          "POST /-/quit",
          "PUT /-/reload");

  private static Outcome refusal(MirrorPolicy policy, String methodAndPath) {
    String[] parts = methodAndPath.split(" ", -1);
    Outcome refusal = policy.compiled().refusal(Heads.head(parts[0], parts[1]));
    return refusal == null ? Outcome.ACCEPTED : refusal;
  }

  @ParameterizedTest
  @FieldSource("DANGEROUS")
  void deniesDangerousEndpointUnderAnyPrefixAndPolicy(String methodAndPath) {
    assertThat(refusal(EVERYTHING, methodAndPath)).isEqualTo(Outcome.DENIED);
    assertThat(refusal(EVERYTHING, methodAndPath.replace(" ", " /gateway/cortex")))
        .isEqualTo(Outcome.DENIED);
    assertThat(refusal(EVERYTHING, methodAndPath + "/")).isEqualTo(Outcome.DENIED);
    assertThat(refusal(WRITES, methodAndPath).kind()).isEqualTo(Outcome.Kind.SKIPPED);
    // Even if the application adds criteria to the policy.
    MirrorPolicy widened = Cortex.writes().pathPrefix("/").methods("GET", "DELETE", "PUT").build();
    assertThat(refusal(widened, methodAndPath)).isEqualTo(Outcome.DENIED);
  }

  static Stream<String> harmless() {
    return Stream.of(
        "POST /api/v1/push",
        "POST /api/prom/push",
        "POST /tenant/api/v1/push",
        "POST /api/v1/otlp/v1/metrics",
        "POST /otlp/v1/metrics",
        "GET /prometheus/api/v1/query",
        "POST /prometheus/api/v1/query",
        "GET /prometheus/api/v1/query_range",
        "POST /prometheus/api/v1/query_range",
        "POST /prometheus/api/v1/query_exemplars",
        "GET /prometheus/api/v1/labels",
        "POST /prometheus/api/v1/labels",
        "GET /prometheus/api/v1/label/flush/values",
        "GET /prometheus/api/v1/label/shutdown/values",
        "GET /prometheus/api/v1/series",
        "POST /prometheus/api/v1/series",
        "GET /prometheus/api/v1/metadata",
        "POST /prometheus/api/v1/read",
        "GET /prometheus/api/v1/rules",
        "GET /api/v1/rules/ns",
        "GET /prometheus/api/v1/alerts",
        "GET /api/v1/alerts",
        "GET /alertmanager/api/v2/alerts",
        "GET /alertmanager/api/v2/silences",
        "GET /ring",
        "GET /ingester/ring",
        "GET /ruler_ring",
        "GET /ready",
        "GET /metrics",
        "GET /config",
        "GET /");
  }

  @ParameterizedTest
  @MethodSource("harmless")
  void doesNotDenyOtherEndpoints(String methodAndPath) {
    assertThat(refusal(EVERYTHING, methodAndPath)).isEqualTo(Outcome.ACCEPTED);
  }

  @ParameterizedTest
  @CsvSource({
    "/api/v1/push",
    "/api/prom/push",
    "/api/v1/write",
    "/api/v1/receive",
    "/api/v1/otlp/v1/metrics",
    "/otlp/v1/metrics"
  })
  void writesMatchOnlyPostsToWritePaths(String path) {
    assertThat(refusal(WRITES, "POST " + path)).isEqualTo(Outcome.ACCEPTED);
    assertThat(refusal(WRITES, "GET " + path)).isEqualTo(Outcome.NOT_MATCHED);
    assertThat(refusal(WRITES, "POST " + path + "/x")).isEqualTo(Outcome.NOT_MATCHED);
    assertThat(refusal(WRITES, "POST /x" + path)).isEqualTo(Outcome.NOT_MATCHED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/prometheus/api/v1/query",
        "/api/prom/api/v1/query_range",
        "/prometheus/api/v1/query_exemplars",
        "/api/v1/labels",
        "/prometheus/api/v1/label/job/values",
        "/prometheus/api/v1/series",
        "/prometheus/api/v1/metadata",
        "/prometheus/api/v1/read",
        "/api/prom/read",
        "/prometheus/api/v1/format_query",
        "/mount/prometheus/api/v1/parse_query"
      })
  void readsAreNotOrderedForAnyMethod(String path) {
    for (String method : List.of("GET", "POST", "HEAD")) {
      assertThat(EVERYTHING.compiled().order().of(Heads.head(method, path)))
          .isEqualTo(MirrorOrder.NONE);
    }
    MirrorPolicy fifo = Cortex.everything().order(MirrorOrder.FIFO).build();
    assertThat(fifo.compiled().order().of(Heads.head("POST", path))).isEqualTo(MirrorOrder.FIFO);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/v1/push",
        "/api/prom/push",
        "/api/v1/write",
        "/otlp/v1/metrics",
        "/api/v1/query/x",
        "/xapi/v1/query",
        "/api/v1/label//values",
        "/api/v1/label/values",
        "/api/v1/label/a/b/values",
        "/x/values",
        "/label/x/values",
        "/",
        "*"
      })
  void otherPostsAreOrdered(String path) {
    assertThat(EVERYTHING.compiled().order().of(Heads.head("POST", path)))
        .isEqualTo(MirrorOrder.CAUSAL);
  }

  @Test
  void changingABuilderDoesNotChangeThePreset() {
    Cortex.writes().methods("GET").pathPrefix("/");
    assertThat(refusal(Cortex.writes().build(), "GET /x")).isEqualTo(Outcome.NOT_MATCHED);
  }

  private static @Nullable String scope(String path, String... tenant) {
    return EVERYTHING.compiled().scope().apply(Heads.head("POST", path, tenant));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/v1/push",
        "/prefix/api/v1/write",
        "/api/v1/otlp/v1/metrics",
        "/api/prom/push"
      })
  void samplesAreOrderedByTenant(String path) {
    assertThat(scope(path, "X-Scope-OrgID", "a")).isEqualTo("a");
    assertThat(scope(path)).isNull();
  }

  @Test
  void otherRequestsAreOrderedByTenantApartFromItsSamples() {
    String other = scope("/api/v1/other", "X-Scope-OrgID", "a");
    assertThat(other)
        .isEqualTo(scope("/another", "X-Scope-OrgID", "a"))
        .isNotEqualTo("a")
        .isNotEqualTo(scope("/another", "X-Scope-OrgID", "b"))
        .isNotEqualTo(scope("/another"));
    assertThat(scope("/another")).isNotNull();
  }

  @Test
  void presetsReadTheSameKeys() {
    assertThat(WRITES.compiled().orderKeys())
        .isNotNull()
        .isSameAs(EVERYTHING.toBuilder().fraction(0.5).build().compiled().orderKeys());
  }
}
