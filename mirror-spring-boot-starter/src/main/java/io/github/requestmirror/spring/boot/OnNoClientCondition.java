package io.github.requestmirror.spring.boot;

import java.util.Set;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Matches if the properties name no client whose requests are mirrored. */
final class OnNoClientCondition extends SpringBootCondition {

  @Override
  public ConditionOutcome getMatchOutcome(
      ConditionContext context, AnnotatedTypeMetadata metadata) {
    Set<String> clients = MirrorProperties.of(context.getEnvironment()).clients();
    ConditionMessage.Builder message = ConditionMessage.forCondition("Request mirror");
    return clients.isEmpty()
        ? ConditionOutcome.match(message.because("no property requestmirror.clients is set"))
        : ConditionOutcome.noMatch(message.foundExactly("clients " + clients));
  }
}
