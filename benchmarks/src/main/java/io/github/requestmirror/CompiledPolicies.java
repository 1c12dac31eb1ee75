package io.github.requestmirror;

import io.github.requestmirror.internal.policy.CompiledPolicy;

/** Makes policies in the form that a pipeline uses, for the benchmarks of other packages. */
public final class CompiledPolicies {
  private CompiledPolicies() {}

  public static CompiledPolicy of(MirrorPolicy.Builder policy) {
    return policy.build().compiled();
  }
}
