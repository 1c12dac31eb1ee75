package io.github.requestmirror.internal.policy;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.RequestHead;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a policy says, in the form the mirror uses. Immutable.
 *
 * @param match which requests the policy is about
 * @param deny endpoints that are never mirrored, whatever {@code match} says
 * @param sampler which share of the matching requests
 * @param order chooses the order of a request's copy
 * @param scope the requests whose mutual order matters
 * @param primaryStatuses bit n: send once the primary responded with nxx; 0: send on request
 * @param copyHead what the copy's head looks like
 */
public record CompiledPolicy(
    Predicate<RequestHead> match,
    DenyList deny,
    Sampler sampler,
    OrderChoice order,
    Function<RequestHead, @Nullable String> scope,
    int primaryStatuses,
    RequestRewriter copyHead) {

  /**
   * Returns why the request is not mirrored, or null when it is. Throws what the user's functions
   * throw.
   */
  public @Nullable Outcome refusal(RequestHead head) {
    if (!match.test(head)) {
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
