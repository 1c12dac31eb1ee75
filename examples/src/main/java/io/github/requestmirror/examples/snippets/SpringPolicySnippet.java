package io.github.requestmirror.examples.snippets;

import io.github.requestmirror.spring.boot.MirrorPolicyCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class SpringPolicySnippet {
  @Bean
  MirrorPolicyCustomizer onlyTeamA() {
    return (target, policy) -> policy.when(head -> "team-a".equals(head.header("X-Scope-OrgID")));
  }
}
