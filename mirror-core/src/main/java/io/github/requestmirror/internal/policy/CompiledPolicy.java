package io.github.requestmirror.internal.policy;

import io.github.requestmirror.OrderKeys;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.RequestHead;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A policy in the form used for each request. Immutable.
 *
 * @param methods the methods that match; all if empty
 * @param match the other criteria of the policy
 * @param deny endpoints that are never mirrored
 * @param sampler samples the matching requests
 * @param order chooses the order of a copy
 * @param scope the key of the requests that are ordered relative to each other
 * @param orderKeys reads from a body what its order depends on; null if nothing does
 * @param primaryStatuses bit n: send if the primary responds with nxx; 0: send without waiting
 * @param rewriter makes the head of the copy
 */
public record CompiledPolicy(
    Set<String> methods,
    Predicate<RequestHead> match,
    DenyList deny,
    Sampler sampler,
    OrderChoice order,
    Function<RequestHead, @Nullable String> scope,
    @Nullable OrderKeys orderKeys,
    int primaryStatuses,
    RequestRewriter rewriter) {

  /** Returns whether requests with this method may match. */
  public boolean matchesMethod(String method) {
    return methods.isEmpty() || methods.contains(method);
  }

  /** Returns whether the request meets all criteria. Propagates exceptions of predicates. */
  public boolean matches(RequestHead head) {
    return matchesMethod(head.method()) && match.test(head);
  }

  /**
   * Returns the reason not to mirror the request, or null. Propagates exceptions of the policy's
   * functions.
   */
  public @Nullable Outcome refusal(RequestHead head) {
    if (!matches(head)) {
      return Outcome.NOT_MATCHED;
    }
    if (deny.denies(head.method(), head.rawPath())) {
      return Outcome.DENIED;
    }
    return sampler.samples(head) ? null : Outcome.NOT_SAMPLED;
  }

  public boolean waitsForPrimary() {
    return primaryStatuses != 0;
  }

  public boolean wantsPrimaryStatus(int status) {
    int statusClass = status / 100;
    return statusClass >= 1 && statusClass <= 5 && (primaryStatuses & 1 << statusClass) != 0;
  }
}
