package io.github.requestmirror.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorListener;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.micrometer.MirrorMetrics;
import io.github.requestmirror.servlet.MirrorFilter;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.Heads;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.servlet.DispatcherType;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.util.ClassUtils;

/** What the starter adds to an application, and when. */
class MirrorAutoConfigurationTest {
  private static final String TARGET = "requestmirror.targets.secondary.url=http://127.0.0.1:1";
  private static final String EXPOSED = "management.endpoints.web.exposure.include=mirror";

  private final ApplicationContextRunner application =
      new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(all()));
  private final WebApplicationContextRunner web =
      new WebApplicationContextRunner().withConfiguration(AutoConfigurations.of(all()));
  private final ReactiveWebApplicationContextRunner reactive =
      new ReactiveWebApplicationContextRunner().withConfiguration(AutoConfigurations.of(all()));

  /** The classes that the jar names, so that the names are tested, too. */
  private static Class<?>[] all() {
    List<Class<?>> classes = new ArrayList<>();
    for (String name : ImportCandidates.load(AutoConfiguration.class, null)) {
      if (name.startsWith("io.github.requestmirror.")) {
        classes.add(ClassUtils.resolveClassName(name, null));
      }
    }
    return classes.toArray(Class<?>[]::new);
  }

  @AfterEach
  void noThreadIsLeft() {
    Conservation.awaitNoThreads();
  }

  @Test
  void withoutATarget_nothingIsMirrored() {
    web.withPropertyValues(EXPOSED)
        .run(
            context ->
                assertThat(context)
                    .hasNotFailed()
                    .doesNotHaveBean(Mirror.class)
                    .doesNotHaveBean(FilterRegistrationBean.class)
                    .doesNotHaveBean(MirrorMetrics.class)
                    .doesNotHaveBean(MirrorEndpoint.class)
                    .doesNotHaveBean("mirrorHealthIndicator"));
  }

  @Test
  void oneProperty_addsMirrorAndFilterAndMetricsAndHealth() {
    web.withPropertyValues(TARGET)
        .run(
            context -> {
              assertThat(context)
                  .hasSingleBean(Mirror.class)
                  .hasSingleBean(FilterRegistrationBean.class)
                  .hasSingleBean(MirrorMetrics.class)
                  .hasBean("mirrorHealthIndicator");
              assertThat(context.getBean(Mirror.class).enabled()).isTrue();
            });
  }

  @Test
  void filter_isAfterSecurity_forRequestAndAsync() {
    web.withPropertyValues(TARGET)
        .run(
            context -> {
              FilterRegistrationBean<?> filter = context.getBean(FilterRegistrationBean.class);
              assertThat(filter.getFilter()).isInstanceOf(ServerRequestsFilter.class);
              assertThat(filter.getOrder()).isZero().isGreaterThan(-100);
              assertThat(filter.isAsyncSupported()).isTrue();
              assertThat(filter.isEnabled()).isTrue();
              assertThat(filter.determineDispatcherTypes())
                  .containsExactlyInAnyOrder(DispatcherType.REQUEST, DispatcherType.ASYNC);
              assertThat(filter.getUrlPatterns()).isEmpty();
            });
  }

  @Test
  void orderOfTheFilterIsAProperty() {
    web.withPropertyValues(TARGET, "requestmirror.filter-order=50")
        .run(
            context ->
                assertThat(context.getBean(FilterRegistrationBean.class).getOrder()).isEqualTo(50));
  }

  @Test
  void filterOfTheApplication_replacesOurs() {
    web.withPropertyValues(TARGET)
        .withUserConfiguration(OwnFilter.class)
        .run(
            context ->
                assertThat(context)
                    .hasSingleBean(FilterRegistrationBean.class)
                    .hasBean("ownFilter"));
  }

  @Configuration(proxyBeanMethods = false)
  static class OwnFilter {
    @Bean
    FilterRegistrationBean<MirrorFilter> ownFilter(Mirror mirror) {
      return new FilterRegistrationBean<>(new MirrorFilter(mirror));
    }
  }

  @Test
  void applicationWithoutServlets_hasAMirrorWithoutFilter() {
    application
        .withPropertyValues(TARGET)
        .run(
            context ->
                assertThat(context)
                    .hasSingleBean(Mirror.class)
                    .doesNotHaveBean(FilterRegistrationBean.class));
  }

  @Test
  void mirrorOfTheApplication_replacesOurs_andHasMetricsAndHealth_butNoFilter() {
    web.withPropertyValues(TARGET)
        .withUserConfiguration(OwnMirror.class)
        .run(
            context -> {
              assertThat(context)
                  .hasSingleBean(Mirror.class)
                  .doesNotHaveBean(FilterRegistrationBean.class)
                  .hasSingleBean(MirrorMetrics.class)
                  .hasBean("mirrorHealthIndicator");
              assertThat(warnings(context))
                  .containsExactly(
                      "requestmirror.targets has no effect: the application has a bean of type"
                          + " io.github.requestmirror.Mirror");
              assertThat(context.getBean(Mirror.class).stats().targets())
                  .singleElement()
                  .satisfies(target -> assertThat(target.name()).isEqualTo("own"));
            });
  }

  @Test
  void mirrorOfTheApplication_isExpected_withoutTargets() {
    web.withUserConfiguration(OwnMirror.class)
        .run(
            context ->
                assertThat(context)
                    .hasSingleBean(Mirror.class)
                    .doesNotHaveBean(FilterRegistrationBean.class)
                    .doesNotHaveBean(StartWarning.class));
  }

  private static List<String> warnings(ListableBeanFactory context) {
    return context.getBeansOfType(StartWarning.class).values().stream()
        .map(StartWarning::text)
        .toList();
  }

  @Test
  void reactiveApplication_isWarned_thatItsRequestsAreNotMirrored() {
    reactive
        .withPropertyValues(TARGET)
        .run(
            context ->
                assertThat(warnings(context))
                    .singleElement()
                    .asString()
                    .contains("reactive", "requestmirror.clients"));
  }

  @Test
  void reactiveApplicationWithClientsOrWithoutATarget_isNotWarned() {
    reactive.run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(StartWarning.class));
    reactive
        .withPropertyValues(TARGET, "requestmirror.clients=client")
        .withBean("client", OkHttpClient.class)
        .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(StartWarning.class));
  }

  @Test
  void servletApplication_isNotWarned() {
    web.withPropertyValues(TARGET)
        .run(context -> assertThat(context).doesNotHaveBean(StartWarning.class));
  }

  @Test
  void warningIsLoggedOnce() {
    Logger logger = (Logger) LoggerFactory.getLogger(StartWarning.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    try {
      reactive.withPropertyValues(TARGET).run(context -> assertThat(context).hasNotFailed());
    } finally {
      logger.detachAppender(log);
    }
    assertThat(log.list)
        .singleElement()
        .satisfies(line -> assertThat(line.getLevel()).isEqualTo(Level.WARN));
  }

  @Test
  void beansOfTheApplication_mayHaveTheirShortNames() {
    web.withPropertyValues(TARGET)
        .withBean("mirror", String.class, () -> "a mirror")
        .withBean("mirrorProperties", String.class, () -> "properties")
        .withBean("mirrorFilter", String.class, () -> "a filter")
        .withBean("mirrorMetrics", String.class, () -> "metrics")
        .withBean("mirroredClients", String.class, () -> "clients")
        .run(
            context ->
                assertThat(context)
                    .hasNotFailed()
                    .hasSingleBean(Mirror.class)
                    .hasSingleBean(FilterRegistrationBean.class)
                    .hasSingleBean(MirrorMetrics.class));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "requestmirror.max-retrys=1",
        "requestmirror.max-retries=101",
        "requestmirror.losses-by-scope=51"
      })
  void wrongProperty_failsTheStart_alsoIfBeansAreLazy(String property) {
    String name = property.substring(0, property.indexOf('='));
    application
        .withInitializer(
            context ->
                context.addBeanFactoryPostProcessor(
                    new LazyInitializationBeanFactoryPostProcessor()))
        .withPropertyValues(TARGET, property)
        .run(context -> assertThat(context.getStartupFailure()).hasStackTraceContaining(name));
  }

  @Configuration(proxyBeanMethods = false)
  static class OwnMirror {
    @Bean
    Mirror ownMirror() {
      return Mirror.start(
          MirrorTarget.builder(URI.create("http://127.0.0.1:1")).name("own").build(),
          MirrorPolicy.builder().build());
    }
  }

  @Test
  void lossesByScope_areShownIfAskedFor() {
    for (int scopes : new int[] {0, 2}) {
      web.withPropertyValues(TARGET, "requestmirror.losses-by-scope=" + scopes)
          .run(
              context -> {
                Mirror mirror = context.getBean(Mirror.class);
                MeterRegistry registry = new SimpleMeterRegistry();
                context.getBean(MirrorMetrics.class).bindTo(registry);
                mirror
                    .capture(Heads.head("POST", "/api/v1/push", "X-Scope-OrgID", "a"))
                    .abandon(Outcome.BODY_INCOMPLETE);
                registry.get("http.mirror.enabled").gauge().value();
                assertThat(registry.find("http.mirror.scope.losses").meters())
                    .hasSize(scopes == 0 ? 0 : 2);
              });
    }
  }

  @Test
  void disabledMirror_startsAndCanBeSwitchedOn() {
    web.withPropertyValues(TARGET, "requestmirror.enabled=false")
        .run(
            context -> {
              Mirror mirror = context.getBean(Mirror.class);
              mirror.capture(Heads.head("POST", "/api/v1/push"));
              assertThat(mirror.stats().target("secondary").count(Outcome.DISABLED)).isEqualTo(1);
              mirror.enabled(true);
              assertThat(mirror.enabled()).isTrue();
            });
  }

  @Test
  void customizersChangeThePolicies_inTheirOrder() {
    application
        .withPropertyValues(TARGET, "requestmirror.targets.second.url=http://127.0.0.1:2")
        .withUserConfiguration(Customized.class)
        .run(
            context -> {
              Mirror mirror = context.getBean(Mirror.class);
              assertThat(mirror.policy("secondary").fraction()).isEqualTo(0.5);
              assertThat(mirror.policy("second").fraction()).isEqualTo(1);
            });
  }

  @Configuration(proxyBeanMethods = false)
  static class Customized {
    @Bean
    MirrorPolicyCustomizer half() {
      return (target, policy) -> {
        if (target.equals("secondary")) {
          policy.fraction(0.5);
        }
      };
    }
  }

  @Test
  void listenerOfTheApplication_receivesOutcomes() {
    List<Outcome> outcomes = new ArrayList<>();
    application
        .withPropertyValues(TARGET)
        .withBean(MirrorListener.class, () -> event -> outcomes.add(event.outcome()))
        .run(
            context ->
                context
                    .getBean(Mirror.class)
                    .capture(Heads.head("POST", "/api/v1/push"))
                    .abandon(Outcome.BODY_UNSUPPORTED));
    // The mirror has been closed, and with it the thread that reports.
    assertThat(outcomes).containsExactly(Outcome.BODY_UNSUPPORTED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "requestmirror.targets.secondary.max-retries=many",
        "requestmirror.targets.secondary.max-retries=101",
        "requestmirror.targets.secondary.max-retrys=1",
        "requestmirror.max-retrys=1",
        "requestmirror.enabled=perhaps",
        "requestmirror.filter-order=last"
      })
  void wrongProperty_failsTheStartWithItsName(String property) {
    String name = property.substring(0, property.indexOf('='));
    web.withPropertyValues(TARGET, property)
        .run(context -> assertThat(context.getStartupFailure()).hasStackTraceContaining(name));
  }

  @Test
  void misspelledProperty_failsTheStart_withoutATarget() {
    application
        .withPropertyValues("requestmirror.target.secondary.url=http://127.0.0.1:1")
        .run(
            context ->
                assertThat(context.getStartupFailure())
                    .rootCause()
                    .hasMessage("unknown: requestmirror.target.secondary.url"));
  }

  @Test
  void endpointExists_ifItIsExposed() {
    web.withPropertyValues(TARGET)
        .run(context -> assertThat(context).doesNotHaveBean(MirrorEndpoint.class));
    web.withPropertyValues(TARGET, EXPOSED)
        .run(context -> assertThat(context).hasSingleBean(MirrorEndpoint.class));
  }

  @Test
  void healthCanBeSwitchedOff() {
    web.withPropertyValues(TARGET, "management.health.mirror.enabled=false")
        .run(context -> assertThat(context).doesNotHaveBean("mirrorHealthIndicator"));
  }

  @Test
  void applicationWithoutMicrometer_isMirrored() {
    web.withPropertyValues(TARGET)
        .withClassLoader(new FilteredClassLoader(MeterRegistry.class.getPackageName()))
        .run(
            context ->
                assertThat(context)
                    .hasSingleBean(FilterRegistrationBean.class)
                    .doesNotHaveBean(MirrorMetrics.class));
  }

  @Test
  void applicationWithoutActuator_isMirrored() {
    web.withPropertyValues(TARGET)
        .withClassLoader(
            new FilteredClassLoader(PathMappedEndpoints.class, SanitizingFunction.class))
        .run(
            context ->
                assertThat(context)
                    .hasNotFailed()
                    .hasSingleBean(FilterRegistrationBean.class)
                    .doesNotHaveBean("requestMirrorActuatorRequests")
                    .doesNotHaveBean("requestMirrorSecretProperties"));
  }
}
