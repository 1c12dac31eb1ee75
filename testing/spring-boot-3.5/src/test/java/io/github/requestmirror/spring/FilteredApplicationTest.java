package io.github.requestmirror.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Cortex;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.servlet.MirrorFilter;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RawClient;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.Wire;
import jakarta.servlet.DispatcherType;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** The filter in an application, as the documentation registers it, on Spring Boot's Tomcat. */
class FilteredApplicationTest {
  @RegisterExtension final Conservation conservation = new Conservation();

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  @Import(Receiver.class)
  static class Application {}

  @RestController
  static class Receiver {
    @PostMapping("/api/v1/push")
    String push(@RequestBody byte[] body) {
      return "received " + body.length;
    }

    @PostMapping("/api/v1/write")
    Callable<String> write(@RequestBody byte[] body) {
      return () -> "received " + body.length;
    }
  }

  private static FilterRegistrationBean<MirrorFilter> registrationOf(Mirror mirror) {
    FilterRegistrationBean<MirrorFilter> filter =
        new FilterRegistrationBean<>(new MirrorFilter(mirror));
    filter.setDispatcherTypes(DispatcherType.REQUEST, DispatcherType.ASYNC);
    filter.setAsyncSupported(true);
    return filter;
  }

  @ParameterizedTest
  @CsvSource({
    "server.servlet.context-path=, /api/v1/push, /api/v1/push",
    "server.servlet.context-path=/gw, /gw/api/v1/push, /api/v1/push",
    "server.servlet.context-path=/gw, /gw/api/v1/write, /api/v1/write",
    // Has no effect on Java 17.
    "spring.threads.virtual.enabled=true, /api/v1/push, /api/v1/push",
    "spring.threads.virtual.enabled=true, /api/v1/write, /api/v1/write"
  })
  void copiesWhatTheApplicationReceives(String property, String path, String copied)
      throws Exception {
    byte[] body = Wire.bytes(100_000, 1);
    try (TestTarget secondary = new TestTarget()) {
      Mirror mirror =
          conservation.watch(
              Mirror.start(
                  MirrorTarget.builder(secondary.uri()).name("secondary").build(),
                  Cortex.writes().build()));
      try (ConfigurableApplicationContext application =
              new SpringApplicationBuilder(Application.class)
                  .properties(
                      property,
                      "server.port=0",
                      "server.address=127.0.0.1",
                      "spring.main.banner-mode=off",
                      "logging.config=classpath:logback-test.xml")
                  .initializers(
                      beans ->
                          ((GenericApplicationContext) beans)
                              .registerBean(
                                  "mirror",
                                  FilterRegistrationBean.class,
                                  () -> registrationOf(mirror)))
                  .run();
          RawClient client = new RawClient(port(application))) {
        HttpMessage response =
            client.exchange(
                body,
                "POST " + path + " HTTP/1.1",
                "Host: h",
                "Content-Type: application/x-protobuf",
                "Content-Length: " + body.length);
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body()).asString().isEqualTo("received 100000");
        Conservation.awaitSettled(mirror);
        HttpMessage copy = secondary.requests().get(0);
        assertThat(copy.requestTarget()).isEqualTo(copied);
        assertThat(copy.body()).isEqualTo(body);
        assertThat(mirror.stats().target("secondary").count(Outcome.ACCEPTED)).isEqualTo(1);
      }
    }
  }

  private static int port(ConfigurableApplicationContext application) {
    return application.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
  }
}
