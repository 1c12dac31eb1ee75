package io.github.requestmirror;

import java.util.List;

/**
 * Policies for Cortex and its relatives (Mimir, Thanos, Prometheus, VictoriaMetrics), which share
 * the remote-write protocol.
 *
 * <p>Both presets deny the endpoints that change or stop a cluster. On Cortex a plain {@code GET}
 * of {@code /ingester/shutdown} stops an ingester, so a mirror of everything must know them; see <a
 * href="https://cortexmetrics.io/docs/api/">the HTTP API of Cortex</a>. Both declare the query API
 * {@linkplain MirrorPolicy.Builder#readOnly read-only}, so that slow queries, which Grafana sends
 * by POST, do not hold back the samples of their tenant.
 */
public final class Cortex {
  /** The header that names the tenant. */
  public static final String TENANT_HEADER = MirrorPolicy.TENANT_HEADER;

  private static final List<String> WRITE_PATHS =
      List.of(
          "/api/v1/push",
          "/api/prom/push",
          "/api/v1/write",
          "/api/v1/receive",
          "/api/v1/otlp/v1/metrics",
          "/otlp/v1/metrics");

  /** Reachable by any method, GET included. */
  private static final List<String> LIFECYCLE =
      List.of(
          "/shutdown",
          "/flush",
          "/ingester/mode",
          "/ingester/renewtokens",
          "/ingester/prepare-shutdown",
          "/ingester/prepare-instance-ring-downscale",
          "/ingester/prepare-partition-downscale",
          "/ingester/unregister-on-shutdown",
          "/store-gateway/prepare-shutdown",
          "/compactor/prepare-shutdown",
          "/compactor/delete_tenant",
          "/purger/delete_tenant",
          "/ruler/delete_tenant_config",
          "/multitenant_alertmanager/delete_tenant_config",
          "/-/quit",
          "/-/reload",
          "/api/v1/admin/tsdb/*",
          "/debug/*",
          "/internal/force_flush",
          "/internal/force_merge",
          "/snapshot/delete",
          "/snapshot/delete_all");

  /**
   * CompiledPolicy, alerts, silences and limits: mirrored, both clusters would evaluate and page.
   */
  private static final List<String> CONFIGURATION =
      List.of(
          "/api/v1/alerts",
          "/api/v1/rules/*",
          "/api/prom/rules/*",
          "/config/v1/rules/*",
          "/api/v1/silences",
          "/api/v1/silence/*",
          "/api/v2/alerts",
          "/api/v2/silences",
          "/api/v2/silence/*",
          "/api/prom/configs/*",
          "/api/v1/user-overrides");

  /** Grafana sends these by POST, under each prefix that Cortex serves them at. */
  private static final List<String> READS =
      List.of(
          "/api/v1/query",
          "/api/v1/query_range",
          "/api/v1/query_exemplars",
          "/api/v1/labels",
          "/api/v1/label/*/values",
          "/api/v1/series",
          "/api/v1/metadata",
          "/api/v1/read",
          "/api/prom/read",
          "/api/v1/format_query",
          "/api/v1/parse_query");

  private Cortex() {}

  /**
   * Returns a policy of the write paths only: POST of remote-write (Cortex, its legacy prefix,
   * Prometheus, Thanos) and of OTLP metrics.
   *
   * @return a builder to refine
   */
  public static MirrorPolicy.Builder writes() {
    MirrorPolicy.Builder policy = everything().methods("POST");
    WRITE_PATHS.forEach(policy::path);
    return policy;
  }

  /**
   * Returns a policy of every request but the denied endpoints, like the prefix {@code /} of the
   * Envoy example in the Cortex documentation.
   *
   * @return a builder to refine
   */
  public static MirrorPolicy.Builder everything() {
    MirrorPolicy.Builder policy = MirrorPolicy.builder();
    READS.forEach(policy::readOnly);
    LIFECYCLE.forEach(path -> policy.deny("*", path));
    for (String path : CONFIGURATION) {
      policy.deny("POST", path).deny("PUT", path).deny("DELETE", path);
    }
    // Ring pages take POST to forget an instance; DELETE of series is the old purger's.
    return policy
        .deny("POST", "/ring")
        .deny("POST", "/ruler_ring")
        .deny("POST", "/memberlist")
        .deny("DELETE", "/api/v1/series");
  }
}
