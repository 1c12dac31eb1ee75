package io.github.requestmirror.spring.boot;

import io.github.requestmirror.MirrorPolicy;

/**
 * Changes the policies of the mirror that the properties configure: a bean for what properties
 * cannot say, such as predicates. Called once for each target, on the thread that starts the
 * application, before the first request. Several beans are called in their order.
 */
@FunctionalInterface
public interface MirrorPolicyCustomizer {
  /**
   * Changes a policy. An exception fails the start of the application.
   *
   * @param target the name of the target
   * @param policy the policy of this target, as the properties configure it
   */
  void customize(String target, MirrorPolicy.Builder policy);
}
