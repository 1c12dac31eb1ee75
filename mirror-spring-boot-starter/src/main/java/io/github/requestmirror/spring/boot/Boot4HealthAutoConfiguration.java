package io.github.requestmirror.spring.boot;

import io.github.requestmirror.Mirror;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/** Adds the health component {@code mirror} with the API of Spring Boot 4. */
@AutoConfiguration(after = MirrorAutoConfiguration.class)
@ConditionalOnClass(
    // By name: the class does not exist in the other line of Spring Boot.
    name =
        "org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator")
@ConditionalOnSingleCandidate(Mirror.class)
public final class Boot4HealthAutoConfiguration {

  /** For Spring. */
  Boot4HealthAutoConfiguration() {}

  /** The name of the component is that of the bean. */
  @Bean
  @ConditionalOnEnabledHealthIndicator("mirror")
  @ConditionalOnMissingBean(name = "mirrorHealthIndicator")
  HealthIndicator mirrorHealthIndicator(Mirror mirror) {
    return () -> Health.up().withDetails(HealthDetails.of(mirror)).build();
  }
}
