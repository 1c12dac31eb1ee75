package io.github.requestmirror;

import io.github.requestmirror.internal.remotewrite.RemoteWriteKeys;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Policies for servers with the Prometheus remote-write protocol: Cortex, Mimir, Thanos, Prometheus
 * and VictoriaMetrics.
 *
 * <p>Both presets deny the endpoints that change or stop a cluster. For example, a {@code GET} of
 * {@code /ingester/shutdown} stops an ingester of Cortex; see <a
 * href="https://cortexmetrics.io/docs/api/">the HTTP API of Cortex</a>. Both presets declare the
 * query API {@linkplain MirrorPolicy.Builder#readOnly read-only}, so that slow queries, which
 * Grafana sends by POST, do not delay the samples of their tenant.
 *
 * <p>Copies are ordered by tenant and, within a tenant, by series: both presets read the series of
 * remote-write bodies as {@linkplain MirrorPolicy.Builder#orderKeys keys}. Other writes of a
 * tenant, such as OTLP, keep their order with all of its samples. Requests that neither write
 * samples nor read have an order of their own for each tenant, so that they and the samples do not
 * wait for each other.
 */
public final class Cortex {
  /** The header with the tenant, {@value}. */
  public static final String TENANT_HEADER = MirrorPolicy.TENANT_HEADER;

  private static final List<String> WRITE_PATHS =
      List.of(
          "/api/v1/push",
          "/api/prom/push",
          "/api/v1/write",
          "/api/v1/receive",
          "/api/v1/otlp/v1/metrics",
          "/otlp/v1/metrics");

  /** Denied for all methods: Cortex accepts GET for most of these. */
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
   * Rules, alerts, silences and limits. If they were mirrored, both clusters would evaluate the
   * rules and send the alerts.
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

  /** The query API, which Grafana calls by POST. Cortex serves it under several prefixes. */
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

  private static final OrderKeys SERIES = new RemoteWriteKeys();

  /** Cannot be part of a header's value. */
  private static final char NOT_IN_HEADERS = '\n';

  private Cortex() {}

  /**
   * Returns a builder for a policy that copies only writes: POST requests to the paths of
   * remote-write (Cortex, its legacy prefix, Prometheus, Thanos) and of OTLP metrics.
   */
  public static MirrorPolicy.Builder writes() {
    MirrorPolicy.Builder policy = everything().methods("POST");
    WRITE_PATHS.forEach(policy::path);
    return policy;
  }

  /**
   * Returns a builder for a policy that copies all requests except those to the denied endpoints,
   * like the prefix {@code /} of the Envoy example in the Cortex documentation.
   */
  public static MirrorPolicy.Builder everything() {
    MirrorPolicy.Builder policy = MirrorPolicy.builder().scope(Cortex::scope).orderKeys(SERIES);
    READS.forEach(policy::readOnly);
    LIFECYCLE.forEach(path -> policy.deny("*", path));
    for (String path : CONFIGURATION) {
      policy.deny("POST", path).deny("PUT", path).deny("DELETE", path);
    }
    // A POST to a ring page forgets an instance; DELETE of series belongs to the old purger.
    return policy
        .deny("POST", "/ring")
        .deny("POST", "/ruler_ring")
        .deny("POST", "/memberlist")
        .deny("DELETE", "/api/v1/series");
  }

  /** The tenant, for samples; something else for each tenant, for the other requests. */
  private static @Nullable String scope(RequestHead head) {
    String tenant = head.header(TENANT_HEADER);
    return writesSamples(head.rawPath()) ? tenant : NOT_IN_HEADERS + (tenant == null ? "" : tenant);
  }

  /** Gateways and clusters may add prefixes. */
  private static boolean writesSamples(String path) {
    for (int i = 0; i < WRITE_PATHS.size(); i++) {
      if (path.endsWith(WRITE_PATHS.get(i))) {
        return true;
      }
    }
    return false;
  }
}
