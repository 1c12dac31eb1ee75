package io.github.requestmirror;

import io.github.requestmirror.internal.policy.CompiledPolicy;
import io.github.requestmirror.internal.policy.DenyList;
import io.github.requestmirror.internal.policy.HttpSyntax;
import io.github.requestmirror.internal.policy.OrderChoice;
import io.github.requestmirror.internal.policy.PathPrefix;
import io.github.requestmirror.internal.policy.RequestRewriter;
import io.github.requestmirror.internal.policy.Sampler;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Selects the requests to copy and defines the changes to the copies. Immutable; {@link
 * Mirror#replacePolicy(String, MirrorPolicy)} replaces the policy of a running mirror.
 *
 * <p>A request is copied when it has one of the methods, one of the paths or path prefixes and all
 * of the headers, when all predicates return true, when its endpoint is not denied, and when it is
 * sampled. Criteria that are not set match everything.
 *
 * <p>The functions of a policy run on the primary's thread. They must be fast, thread-safe and free
 * of side effects. An exception is caught: the request counts as {@link Outcome#POLICY_ERROR} and
 * is not mirrored. Only {@link Builder#orderKeys} runs on a thread of the target, and its
 * exceptions cost no copy.
 */
public final class MirrorPolicy {
  /** The header with the tenant in Cortex, Mimir and Loki. */
  static final String TENANT_HEADER = "X-Scope-OrgID";

  private final Builder values;
  private final CompiledPolicy compiled;

  private MirrorPolicy(Builder values, CompiledPolicy compiled) {
    this.values = values;
    this.compiled = compiled;
  }

  /**
   * Returns a builder for a policy that copies every request. For remote-write clusters use the
   * presets of {@link Cortex}, which deny the endpoints that must not be copied.
   */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns a builder with this policy's values. */
  public Builder toBuilder() {
    return new Builder(values);
  }

  /** Returns the fraction of the matching requests that is copied, from 0 to 1. */
  public double fraction() {
    return values.fraction;
  }

  CompiledPolicy compiled() {
    return compiled;
  }

  /** Returns all settings, without the header values, which may be secret. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "policy{methods=%s, paths=%s, pathPrefixes=%s, predicates=%d, denied=%d, fraction=%s by %s,"
            + " order=%s, orderKeys=%s, readOnly=%d, primaryStatuses=%s, forwardCredentials=%s,"
            + " traceContext=%s, host=%s, keepContextPath=%s, rewritePath=%s, headers=%s}",
        values.methods.isEmpty() ? "all" : values.methods,
        values.paths,
        values.pathPrefixes,
        values.predicates.size(),
        values.denied.size(),
        values.fraction,
        values.sampling,
        values.order == null ? "by method" : values.order,
        values.orderKeys == null ? "no" : "yes",
        values.readOnlyPaths.size(),
        values.primaryStatuses == 0 ? "any" : statusClasses(values.primaryStatuses),
        values.forwardCredentials,
        values.traceContext,
        values.host,
        values.keepContextPath,
        values.rewritePath == null ? "no" : "yes",
        values.edits);
  }

  private static List<String> statusClasses(int bits) {
    return IntStream.rangeClosed(1, 5)
        .filter(statusClass -> (bits & 1 << statusClass) != 0)
        .mapToObj(statusClass -> statusClass + "xx")
        .toList();
  }

  /** Builds a policy. Each setter validates its argument. Not thread-safe. */
  public static final class Builder {
    private final Set<String> methods = new LinkedHashSet<>();
    private final Set<String> paths = new LinkedHashSet<>();
    private final Set<String> pathPrefixes = new LinkedHashSet<>();
    private final List<Predicate<RequestHead>> predicates = new ArrayList<>();
    private final List<DenyList.Endpoint> denied = new ArrayList<>();
    private final List<RequestRewriter.Edit> edits = new ArrayList<>();
    private double fraction = 1;
    private String sampling = "header " + TENANT_HEADER;
    private @Nullable Function<RequestHead, @Nullable String> sampleKey = header(TENANT_HEADER);
    private final List<String> readOnlyPaths = new ArrayList<>();
    private @Nullable MirrorOrder order;
    private Function<RequestHead, @Nullable String> scope = header(TENANT_HEADER);
    private @Nullable OrderKeys orderKeys;
    private int primaryStatuses;
    private boolean forwardCredentials;
    private MirrorTraceContext traceContext = MirrorTraceContext.DROP;
    private RequestRewriter.Host host = RequestRewriter.Host.ofTarget();
    private boolean keepContextPath;
    private @Nullable UnaryOperator<String> rewritePath;

    private Builder() {}

    private Builder(Builder from) {
      methods.addAll(from.methods);
      paths.addAll(from.paths);
      pathPrefixes.addAll(from.pathPrefixes);
      predicates.addAll(from.predicates);
      denied.addAll(from.denied);
      edits.addAll(from.edits);
      readOnlyPaths.addAll(from.readOnlyPaths);
      fraction = from.fraction;
      sampling = from.sampling;
      sampleKey = from.sampleKey;
      order = from.order;
      scope = from.scope;
      orderKeys = from.orderKeys;
      primaryStatuses = from.primaryStatuses;
      forwardCredentials = from.forwardCredentials;
      traceContext = from.traceContext;
      host = from.host;
      keepContextPath = from.keepContextPath;
      rewritePath = from.rewritePath;
    }

    private static Function<RequestHead, @Nullable String> header(String name) {
      return head -> head.header(name);
    }

    /**
     * Copies only requests with one of these methods. Repeated calls add methods.
     *
     * @param methods case-sensitive (RFC 9110 9.1)
     * @return this
     */
    public Builder methods(String... methods) {
      for (String method : Objects.requireNonNull(methods, "methods")) {
        this.methods.add(Require.token("methods", method));
      }
      return this;
    }

    /**
     * Copies only requests to this path. Repeated calls, and {@link #pathPrefix}, add paths.
     *
     * @param path the raw path, compared byte for byte
     * @return this
     */
    public Builder path(String path) {
      paths.add(Require.path("path", path));
      return this;
    }

    /**
     * Copies only requests to paths with this prefix. Repeated calls, and {@link #path}, add paths.
     *
     * @param prefix the start of the raw path, compared byte for byte
     * @return this
     */
    public Builder pathPrefix(String prefix) {
      pathPrefixes.add(Require.path("pathPrefix", prefix));
      return this;
    }

    /**
     * Copies only requests that have a header with this value. With repeated calls, a request must
     * have all headers.
     *
     * @param name the header name in any case
     * @param value the value of one of the fields with that name, compared exactly
     * @return this
     */
    public Builder header(String name, String value) {
      Require.token("header", name);
      Require.fieldValue("header '" + name + "'", value);
      return when(head -> head.headers().values(name).contains(value));
    }

    /**
     * Copies only requests for which the predicate returns true. With repeated calls, all
     * predicates must return true.
     *
     * @param predicate runs on the primary's thread
     * @return this
     */
    public Builder when(Predicate<RequestHead> predicate) {
      predicates.add(Objects.requireNonNull(predicate, "when"));
      return this;
    }

    /**
     * Denies an endpoint: its requests are never copied, even if all criteria match. Any path that
     * ends with the endpoint's path is denied, because gateways and clusters add prefixes. Paths
     * that a server may treat as equal (percent-encoding, case, dot segments) are denied as well.
     * The path after {@link #rewritePath} is also checked. Repeated calls add endpoints.
     *
     * @param method the method in any case, or {@code *} for all methods
     * @param path the path; a {@code /*} at its end adds all paths below it
     * @return this
     */
    public Builder deny(String method, String path) {
      denied.add(DenyList.Endpoint.of(Require.token("deny", method), Require.path("deny", path)));
      return this;
    }

    /**
     * Sets the fraction of the matching requests that is copied. By default requests are sampled by
     * tenant ({@code X-Scope-OrgID}): all requests of a tenant are copied, or none. Requests
     * without a tenant count as one tenant; use {@link #sampleBy} or {@link #sampleRandomly} for
     * them. Default 1.
     *
     * @param fraction from 0 (no requests) to 1 (all requests)
     * @return this
     */
    public Builder fraction(double fraction) {
      if (!(fraction >= 0 && fraction <= 1)) {
        throw new IllegalArgumentException(
            "fraction " + fraction + " is out of range, must be from 0 to 1");
      }
      this.fraction = fraction;
      return this;
    }

    /**
     * Samples by a key: of the requests with equal keys, all are copied or none. The choice depends
     * on nothing but the key and the fraction, so it is the same on every gateway, and a smaller
     * fraction selects a subset of a larger one.
     *
     * @param key runs on the primary's thread; null counts as the empty key
     * @return this
     */
    public Builder sampleBy(Function<RequestHead, @Nullable String> key) {
      sampleKey = Objects.requireNonNull(key, "sampleBy");
      sampling = "key";
      return this;
    }

    /**
     * Samples each request independently. Use it for reads only: with remote-write, every series
     * would have gaps, and an HA tracker would switch replicas.
     *
     * @return this
     */
    public Builder sampleRandomly() {
      sampleKey = null;
      sampling = "request";
      return this;
    }

    /**
     * Sets the order of all copies. Default: {@link MirrorOrder#NONE} for GET, HEAD, OPTIONS and
     * {@link #readOnly} endpoints, {@link MirrorOrder#CAUSAL} for all other requests.
     *
     * @param order the order
     * @return this
     */
    public Builder order(MirrorOrder order) {
      this.order = Objects.requireNonNull(order, "order");
      return this;
    }

    /**
     * Declares an endpoint read-only for every method, such as a query API that accepts POST.
     * Copies of its requests are not ordered and delay no other copies, unless {@link #order} sets
     * an order. Repeated calls add endpoints. Default: none; the presets of {@link Cortex} declare
     * the query API.
     *
     * @param path the end of the raw path, compared byte for byte; gateways and clusters may add
     *     prefixes; <code>&#47;*&#47;</code> matches one segment
     * @return this
     */
    public Builder readOnly(String path) {
      readOnlyPaths.add(Require.path("readOnly", path));
      return this;
    }

    /**
     * Sets the scope of the order: only copies of requests with equal keys are ordered relative to
     * each other. A coarser key is always safe. A finer key is safe only if the requests of each
     * sender have the same key. Default: the value of {@code X-Scope-OrgID}.
     *
     * @param key runs on the primary's thread; null is a valid key
     * @return this
     */
    public Builder scope(Function<RequestHead, @Nullable String> key) {
      this.scope = Objects.requireNonNull(key, "scope");
      return this;
    }

    /**
     * Sets what the order of copies depends on within a scope. With it, {@link MirrorOrder#CAUSAL}
     * lets copies without a common key overtake each other, so that a target that is far away or
     * slow receives as many copies at the same time as {@link MirrorTarget#maxInFlight()} permits,
     * and not only as many as there were requests at the primary. Keys are read only when that
     * makes a difference. Copies of policies with different functions keep their order with all
     * others. Default: none; the presets of {@link Cortex} read the series of remote-write bodies.
     *
     * @param keys reads the keys; runs on a thread of the target
     * @return this
     */
    public Builder orderKeys(OrderKeys keys) {
      this.orderKeys = Objects.requireNonNull(keys, "orderKeys");
      return this;
    }

    /**
     * Sends a copy only after the primary has responded, and only if the status is in one of these
     * classes. Default: a copy is sent as soon as it is captured, whatever the primary responds.
     * With {@code 2}, requests that the primary rejects are not mirrored, nor are the requests that
     * clients repeat while the primary is unavailable.
     *
     * @param statusClasses at least one, from 1 to 5, for example 2 for 200 to 299; replaces
     *     earlier calls
     * @return this
     */
    public Builder whenPrimaryResponds(int... statusClasses) {
      int bits = 0;
      if (Objects.requireNonNull(statusClasses, "whenPrimaryResponds").length == 0) {
        throw new IllegalArgumentException(
            "whenPrimaryResponds has no status class, must have at least one from 1 to 5");
      }
      for (int statusClass : statusClasses) {
        bits |= 1 << Require.inRange("whenPrimaryResponds", statusClass, 1, 5);
      }
      primaryStatuses = bits;
      return this;
    }

    /**
     * Forwards the request's credentials to the target: {@code Authorization}, {@code Cookie}, API
     * keys, tokens, signatures, client certificates, and their query parameters; the documentation
     * of the configuration lists the names. Default false: a copy has only the credentials set with
     * {@link #setHeader} or {@link #addHeader}. {@link #removeHeader} removes further ones.
     *
     * @param forward whether to forward credentials
     * @return this
     */
    public Builder forwardCredentials(boolean forward) {
      this.forwardCredentials = forward;
      return this;
    }

    /**
     * Sets what a copy has of the trace context of its request: the headers of W3C Trace Context,
     * B3 and Jaeger. By default it has none, so that the spans of the target do not become part of
     * the traces of the primary; {@link #removeHeader} removes those of other systems. Headers that
     * {@link #setHeader} or {@link #addHeader} sets are sent in any case.
     *
     * @param traceContext whether to drop, keep, or keep without recording
     * @return this
     */
    public Builder traceContext(MirrorTraceContext traceContext) {
      this.traceContext = Objects.requireNonNull(traceContext, "traceContext");
      return this;
    }

    /**
     * Sets a header of the copy; replaces all fields with that name.
     *
     * @param name any header except {@code Host}, hop-by-hop and framing headers
     * @param value the value
     * @return this
     */
    public Builder setHeader(String name, String value) {
      edits.add(
          RequestRewriter.Edit.set(
              editable("setHeader", name), Require.fieldValue("setHeader '" + name + "'", value)));
      return this;
    }

    /**
     * Adds a header field to the copy, after those with the same name.
     *
     * @param name any header except {@code Host}, hop-by-hop and framing headers
     * @param value the value
     * @return this
     */
    public Builder addHeader(String name, String value) {
      edits.add(
          RequestRewriter.Edit.add(
              editable("addHeader", name), Require.fieldValue("addHeader '" + name + "'", value)));
      return this;
    }

    /**
     * Removes all fields with a name from the copy.
     *
     * @param name any header except {@code Host}, hop-by-hop and framing headers; in any case
     * @return this
     */
    public Builder removeHeader(String name) {
      edits.add(RequestRewriter.Edit.remove(editable("removeHeader", name)));
      return this;
    }

    private static String editable(String setting, String name) {
      Require.token(setting, name);
      if (RequestRewriter.isManaged(name)) {
        throw new IllegalArgumentException(
            setting + " '" + name + "' is not possible: the mirror manages this header itself");
      }
      return name;
    }

    /**
     * Keeps the {@code Host} of the request. Default: the target's host and port, which are also
     * used if the request has no {@code Host}, several, or an invalid one (RFC 9110 7.2).
     *
     * @return this
     */
    public Builder keepHost() {
      this.host = RequestRewriter.Host.ofRequest();
      return this;
    }

    /**
     * Sets the {@code Host} of the copy. Default: the target's host and port.
     *
     * @param host a host name with an optional port
     * @return this
     */
    public Builder host(String host) {
      Require.fieldValue("host", host);
      if (!HttpSyntax.isHost(host)) {
        throw new IllegalArgumentException(
            "host '" + host + "' must be a host name with an optional port");
      }
      this.host = RequestRewriter.Host.literal(host);
      return this;
    }

    /**
     * Keeps the context path of the servlet application in the copy's path. By default it is
     * removed: a gateway deployed at {@code /gw} mirrors {@code /gw/api/v1/push} to {@code
     * /api/v1/push}. Has no effect outside of servlet applications, where there is no context path.
     *
     * @return this
     */
    public Builder keepContextPath() {
      this.keepContextPath = true;
      return this;
    }

    /**
     * Rewrites the raw path of the copy. The query is not changed. The target's base path, and the
     * context path if it is kept, are put before the result.
     *
     * @param rewrite receives and returns a raw path; runs on the primary's thread, before the
     *     capture
     * @return this
     */
    public Builder rewritePath(UnaryOperator<String> rewrite) {
      this.rewritePath = Objects.requireNonNull(rewrite, "rewritePath");
      return this;
    }

    /**
     * Replaces the first segments of the raw path of the copy, as {@link #rewritePath} with a
     * function for it. Other paths are not changed.
     *
     * @param prefix whole segments: {@code /api/prom} is a prefix of {@code /api/prom/push}, not of
     *     {@code /api/prometheus}
     * @param replacement the segments of the copy; {@code /} removes the prefix
     * @return this
     */
    public Builder replacePathPrefix(String prefix, String replacement) {
      return rewritePath(
          new PathPrefix(
              Require.path("replacePathPrefix", prefix),
              Require.path("replacePathPrefix", replacement)));
    }

    /** Returns the policy. */
    public MirrorPolicy build() {
      DenyList deny = new DenyList(denied);
      return new MirrorPolicy(
          new Builder(this),
          new CompiledPolicy(
              Set.copyOf(methods),
              match(),
              deny,
              new Sampler(fraction, sampleKey),
              new OrderChoice(order, readOnlyPaths),
              scope,
              orderKeys,
              primaryStatuses,
              new RequestRewriter(
                  edits,
                  forwardCredentials,
                  traceContext,
                  host,
                  keepContextPath,
                  rewritePath,
                  deny)));
    }

    private Predicate<RequestHead> match() {
      Set<String> anyPath = Set.copyOf(paths);
      String[] anyPrefix = pathPrefixes.toArray(String[]::new);
      List<Predicate<RequestHead>> all = List.copyOf(predicates);
      return head -> matchesPath(anyPath, anyPrefix, head.rawPath()) && matchesAll(all, head);
    }

    private static boolean matchesPath(Set<String> paths, String[] prefixes, String path) {
      if ((paths.isEmpty() && prefixes.length == 0) || paths.contains(path)) {
        return true;
      }
      for (String prefix : prefixes) {
        if (path.startsWith(prefix)) {
          return true;
        }
      }
      return false;
    }

    private static boolean matchesAll(List<Predicate<RequestHead>> predicates, RequestHead head) {
      for (int i = 0; i < predicates.size(); i++) {
        if (!predicates.get(i).test(head)) {
          return false;
        }
      }
      return true;
    }
  }
}
