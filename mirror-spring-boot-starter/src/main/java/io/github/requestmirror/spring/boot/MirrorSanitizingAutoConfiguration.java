package io.github.requestmirror.spring.boot;

import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/** Masks secret properties of the mirror in applications with Spring Boot Actuator. */
@AutoConfiguration
@ConditionalOnClass(SanitizingFunction.class)
public final class MirrorSanitizingAutoConfiguration {

  /** For Spring. */
  MirrorSanitizingAutoConfiguration() {}

  @Bean
  SanitizingFunction requestMirrorSecretProperties() {
    return new SecretProperties();
  }
}
