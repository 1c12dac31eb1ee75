package io.github.requestmirror.spring.boot;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorListener;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.settings.MirrorSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;

/**
 * Starts a mirror if a property {@code requestmirror.targets.NAME.url} is set and the application
 * has no {@link Mirror} of its own.
 */
@AutoConfiguration
public final class MirrorAutoConfiguration {

  /** For Spring. */
  MirrorAutoConfiguration() {}

  /**
   * Exists without targets, too, and when beans are lazy, so that a misspelled property fails the
   * start.
   */
  @Bean
  @Lazy(false)
  MirrorProperties requestMirrorProperties(Environment environment) {
    MirrorProperties properties = MirrorProperties.of(environment);
    properties.requireValid();
    return properties;
  }

  /** Is a bean itself if the mirror is that of the properties, not one of the application. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnMissingBean(Mirror.class)
  @Conditional(OnTargetCondition.class)
  static class OfProperties {

    /** Spring closes it after the web server has stopped. */
    @Bean(destroyMethod = "close")
    @Lazy(false)
    Mirror requestMirror(
        MirrorProperties properties,
        ObjectProvider<MirrorPolicyCustomizer> customizers,
        ObjectProvider<MirrorListener> listener) {
      MirrorSettings settings = properties.settings();
      Mirror.Builder builder = settings.toMirror();
      listener.ifAvailable(builder::listener);
      Map<String, MirrorPolicy> policies =
          customized(settings, customizers.orderedStream().toList());
      boolean enabled = properties.enabled();
      Mirror mirror = builder.start();
      policies.forEach(mirror::replacePolicy);
      if (!enabled) {
        mirror.enabled(false);
      }
      return mirror;
    }

    private static Map<String, MirrorPolicy> customized(
        MirrorSettings settings, List<MirrorPolicyCustomizer> customizers) {
      Map<String, MirrorPolicy> policies = new LinkedHashMap<>();
      if (!customizers.isEmpty()) {
        for (MirrorTarget target : settings.targets()) {
          MirrorPolicy.Builder policy = settings.policy(target).toBuilder();
          customizers.forEach(customizer -> customizer.customize(target.name(), policy));
          policies.put(target.name(), policy.build());
        }
      }
      return policies;
    }
  }
}
