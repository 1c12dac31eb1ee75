package io.github.requestmirror.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.RawClient;
import io.github.requestmirror.testing.TestTarget;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.ClassUtils;

/** The starter in an application that has neither Actuator nor Micrometer nor a client. */
class StarterWithoutActuatorTest {

  @Test
  void onePropertyIsEnough() throws Exception {
    assertThat(ClassUtils.isPresent("io.micrometer.core.instrument.MeterRegistry", null)).isFalse();
    try (TestTarget secondary = new TestTarget()) {
      try (ConfigurableApplicationContext application =
              new SpringApplicationBuilder(FilteredApplicationTest.Application.class)
                  .properties(
                      "requestmirror.targets.secondary.url=" + secondary.uri(),
                      "server.port=0",
                      "server.address=127.0.0.1",
                      "spring.main.banner-mode=off",
                      "logging.config=classpath:logback-test.xml")
                  .run();
          RawClient client =
              new RawClient(
                  application
                      .getEnvironment()
                      .getRequiredProperty("local.server.port", Integer.class))) {
        client.exchange(
            new byte[10],
            "POST /api/v1/push HTTP/1.1",
            "Host: h",
            "Content-Type: application/x-protobuf",
            "Content-Length: 10");
        Mirror mirror = application.getBean(Mirror.class);
        Conservation.awaitSettled(mirror);
        assertThat(mirror.stats().target("secondary").count(Outcome.ACCEPTED)).isEqualTo(1);
      }
      Conservation.awaitNoThreads();
    }
  }
}
