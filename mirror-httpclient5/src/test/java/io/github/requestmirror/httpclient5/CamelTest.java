package io.github.requestmirror.httpclient5;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Cortex;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RecordedRequests;
import io.github.requestmirror.testing.TestTarget;
import java.io.ByteArrayInputStream;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.http.HttpComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The handler in Camel's HTTP component, which creates its own client. */
class CamelTest {
  @RegisterExtension final Conservation conservation = new Conservation();
  private final TestTarget primary = new TestTarget().behave(TestTarget.respond(200, "stored"));
  private final TestTarget secondary = new TestTarget();
  private final Mirror mirror =
      conservation.watch(
          Mirror.start(
              MirrorTarget.builder(secondary.uri()).name("secondary").build(),
              Cortex.writes().build()));

  @AfterEach
  void closeServers() {
    primary.close();
    secondary.close();
  }

  @Test
  void requestsOfARouteAreCopied() throws Exception {
    List<HttpMessage> recorded = RecordedRequests.small();
    try (DefaultCamelContext camel = new DefaultCamelContext()) {
      MirrorExecChainHandler handler = new MirrorExecChainHandler(mirror);
      camel
          .getComponent("http", HttpComponent.class)
          .setHttpClientConfigurer(builder -> builder.addExecInterceptorFirst("mirror", handler));
      camel.addRoutes(
          new RouteBuilder() {
            @Override
            public void configure() {
              from("direct:push").to(primary.uri() + "/api/v1/push");
            }
          });
      camel.start();
      try (ProducerTemplate template = camel.createProducerTemplate()) {
        for (int i = 0; i < recorded.size(); i++) {
          byte[] bytes = recorded.get(i).body();
          Object body = i % 2 == 0 ? bytes : new ByteArrayInputStream(bytes);
          Exchange response =
              template.request(
                  "direct:push",
                  exchange -> {
                    exchange.getMessage().setBody(body);
                    exchange.getMessage().setHeader("Content-Type", "application/x-protobuf");
                    exchange.getMessage().setHeader("X-Scope-OrgID", "tenant");
                  });
          assertThat(response.getException()).isNull();
          assertThat(response.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE)).isEqualTo(200);
          assertThat(response.getMessage().getBody(String.class)).isEqualTo("stored");
        }
      }
    }
    Conservation.awaitSettled(mirror);
    assertThat(mirror.stats().target("secondary").count(Outcome.ACCEPTED))
        .isEqualTo(recorded.size());
    List<HttpMessage> copies = RecordedRequests.inOrderOf(recorded, secondary.requests());
    for (int i = 0; i < recorded.size(); i++) {
      HttpMessage copy = copies.get(i);
      assertThat(primary.requests().get(i).body()).isEqualTo(recorded.get(i).body());
      assertThat(copy.body()).isEqualTo(recorded.get(i).body());
      assertThat(copy.startLine()).isEqualTo("POST /api/v1/push HTTP/1.1");
      assertThat(copy.header("X-Scope-OrgID")).isEqualTo("tenant");
      assertThat(copy.headers("Content-Type"))
          .isEqualTo(primary.requests().get(i).headers("Content-Type"));
    }
  }
}
