package io.github.requestmirror.gateways;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Cortex;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.servlet.MirrorFilter;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.RawClient;
import io.github.requestmirror.testing.TestTarget;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A Spring Boot application with {@code server.servlet.context-path}. */
class SpringContextPathTest {
  private static final byte[] BODY = "samples".getBytes(UTF_8);

  @RegisterExtension final Conservation conservation = new Conservation();

  @Test
  void writesAreMatchedAndSentBelowTheContextPath() throws Exception {
    try (TestTarget primary = new TestTarget();
        TestTarget secondary = new TestTarget()) {
      Mirror mirror =
          conservation.watch(
              Mirror.start(MirrorTarget.of(secondary.uri()), Cortex.writes().build()));
      Map<String, Object> settings =
          Map.of(
              "server.servlet.context-path",
              "/gw",
              "spring.http.clients.imperative.factory",
              "jdk");
      try (Running gateway = SpringGateway.start(primary::uri, new MirrorFilter(mirror), settings);
          RawClient client = new RawClient(gateway.port())) {
        assertThat(
                client
                    .exchange(
                        BODY,
                        "POST /gw/api/v1/push HTTP/1.1",
                        "Host: gateway",
                        "Content-Length: " + BODY.length)
                    .status())
            .isEqualTo(204);
        Conservation.awaitSettled(mirror);
      }
      assertThat(secondary.requests()).hasSize(1);
      assertThat(secondary.requests().get(0).requestTarget()).isEqualTo("/api/v1/push");
      assertThat(secondary.requests().get(0).body()).isEqualTo(BODY);
    }
  }
}
