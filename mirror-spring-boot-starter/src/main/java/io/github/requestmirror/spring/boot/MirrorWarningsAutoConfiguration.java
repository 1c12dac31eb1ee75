package io.github.requestmirror.spring.boot;

import io.github.requestmirror.Mirror;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;

/** Logs a line if targets are set, but no request is mirrored to them by itself. */
@AutoConfiguration(after = MirrorAutoConfiguration.class)
@Conditional(OnTargetCondition.class)
public final class MirrorWarningsAutoConfiguration {

  /** For Spring. */
  MirrorWarningsAutoConfiguration() {}

  /**
   * A warning and no failure: the bean may be that of a test, which leaves the properties as they
   * are.
   */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnMissingBean(MirrorAutoConfiguration.OfProperties.class)
  static class OwnMirror {
    @Bean
    StartWarning requestMirrorTargetsWarning() {
      return new StartWarning(
          "requestmirror.targets has no effect: the application has a bean of type "
              + Mirror.class.getName());
    }
  }

  /** A warning and no failure: the application may use the mirror in an interceptor of its own. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
  @ConditionalOnBean(MirrorAutoConfiguration.OfProperties.class)
  @Conditional(OnNoClientCondition.class)
  static class Reactive {
    @Bean
    StartWarning requestMirrorReactiveWarning() {
      return new StartWarning(
          "the requests that this application receives are not mirrored, because it is reactive;"
              + " requestmirror.clients mirrors those that it sends");
    }
  }
}
