package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Cortex;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.servlet.MirrorFilter;
import io.github.requestmirror.servlet.contract.Container.Mapped;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An application with a context path: policies and targets see the path without it. */
abstract class ContextPathContract extends ServletContract {
  private static final String CONTEXT = "/gw/edge";
  private static final byte[] BODY = bytes(1000);

  ContextPathContract(Container container) {
    super(container);
  }

  private static Exchange push(String path) {
    return client ->
        client.exchange(BODY, lines("POST " + path + " HTTP/1.1", "Content-Length: 1000"));
  }

  /** Sends one request to the application and waits for its outcome. */
  private View send(MirrorPolicy policy, Exchange exchange) throws Exception {
    Mirror mirror =
        conservation.watch(
            Mirror.start(MirrorTarget.builder(target.uri()).name(SECONDARY).build(), policy));
    application((request, response) -> respond(response, request.getInputStream().readAllBytes()));
    try (Container.Running own =
            container.startAt(CONTEXT, servlet(), Mapped.of(new MirrorFilter(mirror)));
        Container.Running without = container.startAt(CONTEXT, servlet())) {
      View with = view(own.port(), exchange);
      assertThat(with).as("the client's view").isEqualTo(view(without.port(), exchange));
      Conservation.awaitSettled(mirror);
      return with;
    }
  }

  private HttpMessage onlyCopy() {
    assertThat(target.requests()).hasSize(1);
    return target.requests().get(0);
  }

  @Test
  void writesAreMatchedAndSentBelowTheContextPath() throws Exception {
    send(Cortex.writes().build(), push(CONTEXT + "/api/v1/push?a=%20"));
    assertThat(onlyCopy().requestTarget()).isEqualTo("/api/v1/push?a=%20");
    assertThat(onlyCopy().body()).isEqualTo(BODY);
  }

  @Test
  void contextPathIsKeptWhereThePolicySaysSo() throws Exception {
    send(Cortex.writes().keepContextPath().build(), push(CONTEXT + "/api/v1/push?a=%20"));
    assertThat(onlyCopy().requestTarget()).isEqualTo(CONTEXT + "/api/v1/push?a=%20");
  }

  @Test
  void absoluteFormIsMatchedBelowTheContextPath() throws Exception {
    send(Cortex.writes().build(), push("http://gateway" + CONTEXT + "/api/v1/push?a=%20"));
    assertThat(onlyCopy().requestTarget()).isEqualTo("/api/v1/push?a=%20");
    assertThat(onlyCopy().body()).isEqualTo(BODY);
  }

  /** If a container accepts a spelling as the same context path, the filter must accept it too. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/%67w/edge/api/v1/push",
        "/gw;v=1/edge/api/v1/push",
        "/gw/edge;v=1/api/v1/push",
        "/./gw/edge/api/v1/push",
        "/gw//edge/api/v1/push",
        "//gw/edge/api/v1/push"
      })
  void contextPathIsFoundHoweverTheClientSpellsIt(String path) throws Exception {
    View view = send(Cortex.writes().build(), push(path));
    if (view.response().startsWith("HTTP/1.1 200")) {
      assertThat(onlyCopy().requestTarget()).isEqualTo("/api/v1/push");
    } else {
      assertThat(target.requests()).isEmpty();
    }
  }

  @Test
  void deniedEndpointIsDeniedBelowTheContextPath() throws Exception {
    View view =
        send(
            Cortex.everything().when(head -> !head.rawPath().equals(AppServlet.PROBE)).build(),
            get(CONTEXT + "/ingester/shutdown"));
    assertThat(view.response()).startsWith("HTTP/1.1 200");
    assertThat(target.requests()).isEmpty();
  }

  /** The configuration that the documentation shows. */
  @ParameterizedTest
  @CsvSource({"false, /api/v1/push", "true, /gw/edge/api/v1/push"})
  void webXmlMirrorsBelowTheContextPath(String keep, String expected) throws Exception {
    application((request, response) -> respond(response, request.getInputStream().readAllBytes()));
    Mapped mapped = Mapped.fromWebXml(Map.of("target", "" + target.uri(), "keepContextPath", keep));
    try (Container.Running own = container.startAt(CONTEXT, servlet(), mapped)) {
      view(own.port(), push(CONTEXT + "/api/v1/push"));
      view(own.port(), get(CONTEXT + "/not/a/write"));
      Awaitility.await().until(() -> !target.requests().isEmpty());
    }
    assertThat(onlyCopy().requestTarget()).isEqualTo(expected);
    assertThat(onlyCopy().body()).isEqualTo(BODY);
  }

  @Test
  void outcomesAreThoseOfTheRootContext() throws Exception {
    check(
        (request, response) -> respond(response, request.getInputStream().readAllBytes()),
        push("/api/v1/push"));
    assertOutcome(Outcome.ACCEPTED);
    assertThat(onlyCopy().requestTarget()).isEqualTo("/api/v1/push");
  }
}
