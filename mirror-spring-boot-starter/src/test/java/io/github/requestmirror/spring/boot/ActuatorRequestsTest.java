package io.github.requestmirror.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.TestTarget;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;

/** Requests to the actuator of the application are not offered to the mirror. */
class ActuatorRequestsTest {
  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {
    /** What security refuses is not offered in any case. */
    @Bean
    SecurityFilterChain nothingIsRefused(HttpSecurity http) throws Exception {
      return http.authorizeHttpRequests(requests -> requests.anyRequest().permitAll()).build();
    }
  }

  private final TestTarget secondary = new TestTarget();
  private final HttpClient client = HttpClient.newHttpClient();
  private @Nullable ConfigurableApplicationContext application;

  private void start(String... properties) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "requestmirror.targets.secondary.url=" + secondary.uri(),
                "requestmirror.targets.secondary.match=all",
                "management.endpoints.web.exposure.include=*",
                "management.endpoint.health.probes.enabled=true",
                "management.endpoint.health.probes.add-additional-paths=true",
                "server.port=0",
                "server.address=127.0.0.1",
                "spring.main.banner-mode=off",
                "logging.config=classpath:logback-test.xml"));
    all.addAll(List.of(properties));
    application =
        new SpringApplicationBuilder(Application.class)
            .properties(all.toArray(String[]::new))
            .run();
  }

  private ConfigurableApplicationContext application() {
    return Objects.requireNonNull(application);
  }

  @AfterEach
  void stop() {
    application().close();
    secondary.close();
    Conservation.awaitNoThreads();
  }

  private int get(String path) throws Exception {
    String port = application().getEnvironment().getRequiredProperty("local.server.port");
    URI uri = URI.create("http://127.0.0.1:" + port + path);
    return client
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  /** Sends requests and expects that exactly those after the first ones are offered. */
  private void expectOffered(List<String> ofActuator, List<String> offered) throws Exception {
    for (String path : ofActuator) {
      assertThat(get(path)).as(path).isEqualTo(200);
    }
    for (String path : offered) {
      get(path);
    }
    Mirror mirror = application().getBean(Mirror.class);
    Conservation.awaitSettled(mirror);
    assertThat(mirror.stats().target("secondary").offered()).isEqualTo(offered.size());
  }

  @Test
  void whatIsBelowTheBasePath_isNotOffered() throws Exception {
    start();
    assertThat(get("/actuator/absent")).isEqualTo(404);
    expectOffered(
        List.of(
            "/actuator",
            "/actuator/mirror",
            "/actuator/health/liveness",
            "/%61ctuator/mirror",
            "/livez",
            "/readyz"),
        List.of("/actuators", "/api/actuator", "/livezz"));
  }

  @Test
  void contextPathAndServletPathAndBasePath_areThoseOfSpringBoot() throws Exception {
    start(
        "server.servlet.context-path=/app",
        "spring.mvc.servlet.path=/mvc",
        "management.endpoints.web.base-path=/manage");
    expectOffered(
        List.of("/app/mvc/manage", "/app/mvc/manage/mirror", "/app/mvc/livez"),
        List.of("/app/mvc/actuator/mirror"));
  }

  @Test
  void withTheRootAsBasePath_onlyEndpointsAreNotOffered() throws Exception {
    start("management.endpoints.web.base-path=/");
    expectOffered(List.of("/mirror", "/mirror/secondary", "/health"), List.of("/mirrors", "/"));
  }

  @Test
  void onTheOtherPortThanTheManagement_onlyItsProbesAreNotOffered() throws Exception {
    start("management.server.port=0", "management.server.address=127.0.0.1");
    expectOffered(List.of("/livez"), List.of("/actuator/mirror"));
  }
}
