package io.github.requestmirror.spring.boot;

import java.util.Set;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Matches if the properties have a target. */
final class OnTargetCondition extends SpringBootCondition {

  @Override
  public ConditionOutcome getMatchOutcome(
      ConditionContext context, AnnotatedTypeMetadata metadata) {
    Set<String> targets = MirrorProperties.of(context.getEnvironment()).targets();
    ConditionMessage.Builder message = ConditionMessage.forCondition("Request mirror");
    return targets.isEmpty()
        ? ConditionOutcome.noMatch(
            message.because("no property requestmirror.targets.NAME.url is set"))
        : ConditionOutcome.match(message.foundExactly("targets " + targets));
  }
}
