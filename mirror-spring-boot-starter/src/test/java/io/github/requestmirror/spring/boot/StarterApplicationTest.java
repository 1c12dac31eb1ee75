package io.github.requestmirror.spring.boot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.Wire;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.util.matcher.RequestMatcher;
import org.springframework.util.ClassUtils;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** An application with Spring Security and Actuator, and one property of the mirror. */
class StarterApplicationTest {
  private static final String CREDENTIALS =
      Base64.getEncoder().encodeToString("user:password".getBytes(UTF_8));

  private final TestTarget secondary = new TestTarget();
  private final HttpClient client = HttpClient.newHttpClient();
  private ConfigurableApplicationContext application;

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  @Import(Receiver.class)
  static class Application {
    /** As in the documentation. */
    @Bean
    @Order(1)
    SecurityFilterChain actuator(HttpSecurity http) throws Exception {
      return http.securityMatcher(endpoint("toAnyEndpoint"))
          .authorizeHttpRequests(
              requests ->
                  requests
                      .requestMatchers(endpoint("to", "health"))
                      .permitAll()
                      .anyRequest()
                      .hasRole("OPERATOR"))
          .httpBasic(Customizer.withDefaults())
          .csrf(csrf -> csrf.ignoringRequestMatchers(endpoint("toAnyEndpoint")))
          .build();
    }

    /** EndpointRequest is in another package in each line of Spring Boot. */
    private static RequestMatcher endpoint(String method, String... endpoints) {
      String three = "org.springframework.boot.actuate.autoconfigure.security.servlet";
      String four = "org.springframework.boot.security.autoconfigure.actuate.web.servlet";
      String name = (ClassUtils.isPresent(three + ".EndpointRequest", null) ? three : four);
      Class<?> type = ClassUtils.resolveClassName(name + ".EndpointRequest", null);
      try {
        Object matcher =
            endpoints.length == 0
                ? type.getMethod(method).invoke(null)
                : type.getMethod(method, String[].class).invoke(null, (Object) endpoints);
        return (RequestMatcher) matcher;
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }

    @Bean
    SecurityFilterChain security(HttpSecurity http) throws Exception {
      return http.csrf(csrf -> csrf.ignoringRequestMatchers("/api/**"))
          .authorizeHttpRequests(
              requests ->
                  requests
                      .requestMatchers("/api/v1/write")
                      .authenticated()
                      .anyRequest()
                      .permitAll())
          .httpBasic(Customizer.withDefaults())
          .build();
    }
  }

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

  @BeforeEach
  void start() {
    application =
        new SpringApplicationBuilder(Application.class)
            .properties(
                "requestmirror.targets.secondary.url=" + secondary.uri(),
                "requestmirror.targets.secondary.bearer-token=the-token",
                "requestmirror.targets.secondary.set-header[0]=X-Key: the-key",
                "management.endpoints.web.exposure.include=health,mirror,prometheus,env",
                "management.endpoint.env.show-values=always",
                "management.endpoint.health.show-details=always",
                "management.endpoint.health.probes.enabled=true",
                "management.endpoint.health.group.readiness.include=readinessState,mirror",
                "spring.security.user.password=password",
                "spring.security.user.roles=OPERATOR",
                "server.port=0",
                "server.address=127.0.0.1",
                "spring.main.banner-mode=off",
                "logging.config=classpath:logback-test.xml")
            .run();
  }

  @AfterEach
  void stop() {
    application.close();
    secondary.close();
    Conservation.awaitNoThreads();
  }

  private Mirror mirror() {
    return application.getBean(Mirror.class);
  }

  private MirrorStats.Target settled() {
    Conservation.awaitSettled(mirror());
    return mirror().stats().target("secondary");
  }

  private HttpRequest.Builder request(String path) {
    String port = application.getEnvironment().getRequiredProperty("local.server.port");
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    return path.startsWith("/actuator")
        ? request.header("Authorization", "Basic " + CREDENTIALS)
        : request;
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String path, String type, byte[] body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        request(path)
            .header("Content-Type", type)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> set(String path, String json) throws Exception {
    return post("/actuator/mirror" + path, "application/json", json.getBytes(UTF_8));
  }

  private void push() throws Exception {
    assertThat(post("/api/v1/push", "application/x-protobuf", new byte[10]).body())
        .isEqualTo("received 10");
  }

  @Test
  void requestThatSecurityAccepts_isMirrored_alsoIfItsResponseIsAsynchronous() throws Exception {
    byte[] body = Wire.bytes(100_000, 1);
    HttpResponse<String> response =
        post(
            "/api/v1/write",
            "application/x-protobuf",
            body,
            "Authorization",
            "Basic " + CREDENTIALS);
    assertThat(response.body()).isEqualTo("received 100000");
    assertThat(settled().count(Outcome.ACCEPTED)).isEqualTo(1);
    assertThat(secondary.requests().get(0).body()).isEqualTo(body);
  }

  @Test
  void requestThatSecurityRefuses_isNotOffered() throws Exception {
    assertThat(post("/api/v1/write", "application/x-protobuf", new byte[10]).statusCode())
        .isEqualTo(401);
    assertThat(settled().offered()).isZero();
  }

  @Test
  void endpointRefusesClientsWithoutTheRole() throws Exception {
    for (String authorization :
        new String[] {"", "Basic " + CREDENTIALS.toLowerCase(Locale.ROOT)}) {
      HttpRequest request =
          request("/actuator/mirror")
              .setHeader("Authorization", authorization)
              .setHeader("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString("{\"enabled\": false}"))
              .build();
      assertThat(client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode())
          .isEqualTo(401);
    }
    assertThat(mirror().enabled()).isTrue();
  }

  @Test
  void otherRequestsAreProtectedAgainstForgery() throws Exception {
    assertThat(post("/form", "text/plain", new byte[1]).statusCode()).isEqualTo(403);
  }

  @Test
  void environmentIsShownWithoutTheSecrets() throws Exception {
    String environment = get("/actuator/env").body();
    assertThat(environment)
        .contains("requestmirror.targets.secondary.bearer-token", secondary.uri().toString())
        .doesNotContain("the-token", "the-key");
  }

  @Test
  void scrapeShowsTheMetrics_inOneSnapshot() throws Exception {
    secondary.behave(secondary.hang());
    push();
    push();
    String scrape = get("/actuator/prometheus").body();
    double offered = sum(scrape, "http_mirror_offered_total");
    assertThat(offered).isEqualTo(2);
    assertThat(sum(scrape, "http_mirror_requests_total") + sum(scrape, "http_mirror_pending"))
        .isEqualTo(offered);
    secondary.behave(TestTarget.status(200));
    secondary.closeConnections();
  }

  private static double sum(String scrape, String name) {
    List<String> samples = scrape.lines().filter(line -> line.startsWith(name + "{")).toList();
    assertThat(samples).as(name).isNotEmpty();
    return samples.stream()
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  @Test
  void endpointShowsStateAndStatistics() throws Exception {
    push();
    settled();
    assertThat(get("/actuator/mirror").body())
        .contains("\"enabled\":true", "\"secondary\":{", "\"fraction\":1.0", "\"ACCEPTED\":1");
    assertThat(get("/actuator/mirror/secondary").body()).startsWith("{\"up\":true");
  }

  @Test
  void endpointShowsWhyTheTargetRefuses() throws Exception {
    secondary.behave(TestTarget.respond(400, "out of order sample"));
    push();
    settled();
    assertThat(get("/actuator/mirror/secondary").body())
        .containsPattern(
            "\"lastRejection\":\\{\"time\":\"20[^\"]+Z\",\"status\":400,\"text\":\"out of order sample");
  }

  @Test
  void endpointSwitchesMirroringOffAndOn() throws Exception {
    assertThat(set("", "{\"enabled\": false}").statusCode()).isEqualTo(204);
    push();
    assertThat(settled().count(Outcome.DISABLED)).isEqualTo(1);
    assertThat(set("", "{\"enabled\": true}").statusCode()).isEqualTo(204);
    push();
    assertThat(settled().count(Outcome.ACCEPTED)).isEqualTo(1);
  }

  @Test
  void endpointSetsTheFraction() throws Exception {
    assertThat(set("/secondary", "{\"fraction\": 0}").statusCode()).isEqualTo(204);
    push();
    assertThat(settled().count(Outcome.NOT_SAMPLED)).isEqualTo(1);
    assertThat(get("/actuator/mirror").body()).contains("\"fraction\":0.0");
  }

  @Test
  void endpointRefusesWrongValues_andKeepsTheRightOnes() throws Exception {
    assertThat(set("/secondary", "{\"fraction\": 1.5}").statusCode()).isEqualTo(400);
    assertThat(set("/secondary", "{}").statusCode()).isEqualTo(400);
    assertThat(set("/other", "{\"fraction\": 0.5}").statusCode()).isEqualTo(400);
    assertThat(set("", "{\"enabled\": \"perhaps\"}").statusCode()).isEqualTo(400);
    assertThat(get("/actuator/mirror/other").statusCode()).isEqualTo(400);
    assertThat(mirror().enabled()).isTrue();
    assertThat(mirror().policy("secondary").fraction()).isEqualTo(1);
  }

  @Test
  void targetThatIsDown_isInTheDetailsOfHealth_andTheApplicationIsReady() throws Exception {
    secondary.refuse();
    while (mirror().stats().target("secondary").up()) {
      push();
    }
    for (String path : new String[] {"/actuator/health", "/actuator/health/readiness"}) {
      HttpResponse<String> health = get(path);
      assertThat(health.statusCode()).isEqualTo(200);
      assertThat(health.body()).doesNotContain("DOWN").contains("\"status\":\"UP\"");
    }
    assertThat(get("/actuator/health/mirror").body())
        .contains("\"status\":\"UP\"", "\"enabled\":true", "\"secondary\":{\"up\":false");
  }

  @Test
  void metricsAreBoundToTheRegistryOfTheApplication() throws Exception {
    push();
    settled();
    assertThat(
            application
                .getBean(MeterRegistry.class)
                .get("http.mirror.requests")
                .tags("target", "secondary", "outcome", "accepted")
                .functionCounter()
                .count())
        .isEqualTo(1);
  }
}
