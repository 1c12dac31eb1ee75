package io.github.requestmirror.spring.boot;

import io.github.requestmirror.Mirror;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;

/** Adds the endpoint to applications with Spring Boot Actuator that expose it. */
@AutoConfiguration(after = MirrorAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnAvailableEndpoint(MirrorEndpoint.class)
@ConditionalOnSingleCandidate(Mirror.class)
public final class MirrorEndpointAutoConfiguration {

  /** For Spring. */
  MirrorEndpointAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean
  MirrorEndpoint requestMirrorEndpoint(Mirror mirror) {
    return new MirrorEndpoint(mirror);
  }
}
