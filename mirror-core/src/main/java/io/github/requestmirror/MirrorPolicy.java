package io.github.requestmirror;

import io.github.requestmirror.internal.policy.CompiledPolicy;
import io.github.requestmirror.internal.policy.DenyList;
import io.github.requestmirror.internal.policy.OrderChoice;
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
 * Which requests are copied, and what a copy looks like. Immutable; {@link
 * Mirror#replacePolicy(String, MirrorPolicy)} swaps it while the mirror runs.
 *
 * <p>A request is copied when its method and path are among those named, every named header
 * matches, every predicate holds, no denied endpoint is meant, and it is sampled. What is not named
 * does not restrict.
 *
 * <p>The functions given to a policy run on the primary's thread (path rewriting excepted) and must
 * be fast, thread-safe and without side effects. What they throw is caught: the request counts as
 * {@link Outcome#POLICY_ERROR} and is not mirrored.
 */
public final class MirrorPolicy {
  /** What Cortex, Mimir and Loki call the header that names the tenant. */
  static final String TENANT_HEADER = "X-Scope-OrgID";

  private final Builder values;
  private final CompiledPolicy compiled;

  private MirrorPolicy(Builder values, CompiledPolicy compiled) {
    this.values = values;
    this.compiled = compiled;
  }

  /**
   * Returns a builder of a policy that copies every request. For remote-write clusters start from
   * {@link Cortex}, which knows what must not be copied.
   *
   * @return the builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns a builder that starts with this policy's values.
   *
   * @return the builder
   */
  public Builder toBuilder() {
    return new Builder(values);
  }

  /**
   * Returns the share of matching requests that is copied.
   *
   * @return from 0 to 1
   */
  public double fraction() {
    return values.fraction;
  }

  CompiledPolicy compiled() {
    return compiled;
  }

  /** Returns the effective settings; of headers only the names, since values may be secrets. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "policy{methods=%s, paths=%s, pathPrefixes=%s, predicates=%d, denied=%d, fraction=%s by %s,"
            + " order=%s, readOnly=%d, primaryStatuses=%s, forwardCredentials=%s, host=%s,"
            + " keepContextPath=%s, rewritePath=%s, headers=%s}",
        values.methods.isEmpty() ? "all" : values.methods,
        values.paths,
        values.pathPrefixes,
        values.predicates.size(),
        values.denied.size(),
        values.fraction,
        values.sampling,
        values.order == null ? "by method" : values.order,
        values.readOnlyPaths.size(),
        values.primaryStatuses == 0 ? "any" : statusClasses(values.primaryStatuses),
        values.forwardCredentials,
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

  /** Collects the settings of a policy; each setter checks its value at once. */
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
    private int primaryStatuses;
    private boolean forwardCredentials;
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
      primaryStatuses = from.primaryStatuses;
      forwardCredentials = from.forwardCredentials;
      host = from.host;
      keepContextPath = from.keepContextPath;
      rewritePath = from.rewritePath;
    }

    private static Function<RequestHead, @Nullable String> header(String name) {
      return head -> head.header(name);
    }

    /**
     * Copies requests of these methods only. Repeated calls add.
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
     * Copies requests to this path. Repeated calls, and {@link #pathPrefix}, add.
     *
     * @param path the raw path, compared byte for byte
     * @return this
     */
    public Builder path(String path) {
      paths.add(Require.path("path", path));
      return this;
    }

    /**
     * Copies requests to paths that start like this. Repeated calls, and {@link #path}, add.
     *
     * @param prefix the start of the raw path, compared byte for byte
     * @return this
     */
    public Builder pathPrefix(String prefix) {
      pathPrefixes.add(Require.path("pathPrefix", prefix));
      return this;
    }

    /**
     * Copies requests that have a header with this value only. Repeated calls restrict further.
     *
     * @param name the header
     * @param value one of its values, compared exactly
     * @return this
     */
    public Builder header(String name, String value) {
      Require.token("header", name);
      Require.fieldValue("header '" + name + "'", value);
      return when(head -> head.headers().values(name).contains(value));
    }

    /**
     * Copies requests for which this holds only. Repeated calls restrict further.
     *
     * @param predicate runs on the primary's thread
     * @return this
     */
    public Builder when(Predicate<RequestHead> predicate) {
      predicates.add(Objects.requireNonNull(predicate, "when"));
      return this;
    }

    /**
     * Never copies requests to this endpoint, whatever else matches and wherever it is mounted.
     * Spellings that a server would understand alike (percent-encoding, case, dot segments) are
     * denied alike. The path after {@link #rewritePath} is checked too.
     *
     * @param method the method, or {@code *} for all
     * @param path the path; with {@code /*} at its end everything below too
     * @return this
     */
    public Builder deny(String method, String path) {
      denied.add(DenyList.Endpoint.of(Require.token("deny", method), Require.path("deny", path)));
      return this;
    }

    /**
     * Copies this share of the matching requests. Default 1. What is chosen depends on the tenant
     * ({@code X-Scope-OrgID}) unless {@link #sampleBy} or {@link #sampleRandomly} says otherwise.
     * Without a tenant all requests are one, and are copied all or not at all: sample them by
     * something else.
     *
     * @param fraction from 0, which is nothing, to 1, which is everything
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
     * Samples by a key: requests of equal keys are all copied or none, on every gateway alike, and
     * a smaller fraction chooses a subset of a larger one.
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
     * Samples each request on its own. For remote-write this tears holes into every series, and
     * makes an HA tracker change its leader: use it for reads.
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
     * {@link #readOnly} endpoints, {@link MirrorOrder#CAUSAL} for all others.
     *
     * @param order the order
     * @return this
     */
    public Builder order(MirrorOrder order) {
      this.order = Objects.requireNonNull(order, "order");
      return this;
    }

    /**
     * Declares an endpoint that only reads, whatever the method: a query API that takes POST.
     * Copies of its requests have no order and hold nothing back, unless {@link #order} sets one.
     * Repeated calls add. Default: none; the presets of {@link Cortex} know the query API.
     *
     * @param path the end of the raw path, compared byte for byte, because gateways and clusters
     *     add prefixes; <code>&#47;*&#47;</code> stands for one segment
     * @return this
     */
    public Builder readOnly(String path) {
      readOnlyPaths.add(Require.path("readOnly", path));
      return this;
    }

    /**
     * Sets which requests may depend on one another: those with equal keys. A coarser key is always
     * safe; a finer one only if no sender appears under two. Default: {@code X-Scope-OrgID}.
     *
     * @param key runs on the primary's thread; null is a key like any other
     * @return this
     */
    public Builder scope(Function<RequestHead, @Nullable String> key) {
      this.scope = Objects.requireNonNull(key, "scope");
      return this;
    }

    /**
     * Sends a copy only once the primary has responded, and only if its status is of one of these
     * classes. Default: copies go on request, whatever the primary says. With {@code 2}, what the
     * primary refuses is not mirrored and the retries of its outages are not multiplied.
     *
     * @param statusClasses 1 to 5, for example 2 for 200 to 299
     * @return this
     */
    public Builder whenPrimaryResponds(int... statusClasses) {
      int bits = 0;
      for (int statusClass : Objects.requireNonNull(statusClasses, "whenPrimaryResponds")) {
        bits |= 1 << Require.inRange("whenPrimaryResponds", statusClass, 1, 5);
      }
      primaryStatuses = bits;
      return this;
    }

    /**
     * Lets {@code Authorization}, {@code Cookie} and the headers of AWS signatures go to the
     * target. Default false: a copy carries no credentials but those set here.
     *
     * @param forward whether credentials go along
     * @return this
     */
    public Builder forwardCredentials(boolean forward) {
      this.forwardCredentials = forward;
      return this;
    }

    /**
     * Sets a header of the copy, replacing all of that name.
     *
     * @param name any but those that HTTP framing needs
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
     * Adds a header to the copy, after those of the same name.
     *
     * @param name any but those that HTTP framing needs
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
     * Removes all headers of a name from the copy.
     *
     * @param name the name in any case
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
     * Sends the original's {@code Host}. Default: the target's own.
     *
     * @return this
     */
    public Builder keepHost() {
      this.host = RequestRewriter.Host.ofRequest();
      return this;
    }

    /**
     * Sends this {@code Host}. Default: the target's own.
     *
     * @param host a host name, with a port if it needs one
     * @return this
     */
    public Builder host(String host) {
      Require.fieldValue("host", host);
      if (host.isBlank() || host.contains("/") || host.contains("@") || host.contains(" ")) {
        throw new IllegalArgumentException(
            "host '" + host + "' must be a host name with an optional port");
      }
      this.host = RequestRewriter.Host.literal(host);
      return this;
    }

    /**
     * Keeps the context path of the application that the request came through. Default: the copy's
     * path starts below it, so that a gateway deployed at {@code /gw} sends {@code /gw/api/v1/push}
     * to {@code /api/v1/push} of the target. Applies to servlet applications; elsewhere there is no
     * context path.
     *
     * @return this
     */
    public Builder keepContextPath() {
      this.keepContextPath = true;
      return this;
    }

    /**
     * Changes the raw path of the copy; the query stays. The target's base path, and the context
     * path if it is kept, are put before the result.
     *
     * @param rewrite gets and returns a raw path; runs on the mirror's thread
     * @return this
     */
    public Builder rewritePath(UnaryOperator<String> rewrite) {
      this.rewritePath = Objects.requireNonNull(rewrite, "rewritePath");
      return this;
    }

    /**
     * Returns the policy.
     *
     * @return the policy
     */
    public MirrorPolicy build() {
      DenyList deny = new DenyList(denied);
      return new MirrorPolicy(
          new Builder(this),
          new CompiledPolicy(
              match(),
              deny,
              new Sampler(fraction, sampleKey),
              new OrderChoice(order, readOnlyPaths),
              scope,
              primaryStatuses,
              new RequestRewriter(
                  edits, forwardCredentials, host, keepContextPath, rewritePath, deny)));
    }

    private Predicate<RequestHead> match() {
      Set<String> anyMethod = Set.copyOf(methods);
      Set<String> anyPath = Set.copyOf(paths);
      String[] anyPrefix = pathPrefixes.toArray(String[]::new);
      List<Predicate<RequestHead>> all = List.copyOf(predicates);
      return head ->
          (anyMethod.isEmpty() || anyMethod.contains(head.method()))
              && matchesPath(anyPath, anyPrefix, head.rawPath())
              && holdAll(all, head);
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

    private static boolean holdAll(List<Predicate<RequestHead>> predicates, RequestHead head) {
      for (int i = 0; i < predicates.size(); i++) {
        if (!predicates.get(i).test(head)) {
          return false;
        }
      }
      return true;
    }
  }
}
