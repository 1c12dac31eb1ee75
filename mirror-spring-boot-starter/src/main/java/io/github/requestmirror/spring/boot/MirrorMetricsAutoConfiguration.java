package io.github.requestmirror.spring.boot;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.micrometer.MirrorMetrics;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;

/** Adds the metrics of the mirror; Spring Boot binds them to each of its registries. */
@AutoConfiguration(after = MirrorAutoConfiguration.class)
@ConditionalOnClass(MeterBinder.class)
@ConditionalOnSingleCandidate(Mirror.class)
public final class MirrorMetricsAutoConfiguration {

  /** For Spring. */
  MirrorMetricsAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean
  MirrorMetrics requestMirrorMetrics(Mirror mirror, MirrorProperties properties) {
    MirrorMetrics metrics = new MirrorMetrics(mirror);
    int scopes = properties.lossesByScope();
    return scopes == 0 ? metrics : metrics.lossesByScope(scopes);
  }
}
