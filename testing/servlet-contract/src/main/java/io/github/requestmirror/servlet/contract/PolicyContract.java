package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.RawClient;
import io.github.requestmirror.testing.TestTarget;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Which requests are mirrored, and to which target, depends on the policy only. */
abstract class PolicyContract extends ServletContract {
  private static final App READING =
      (request, response) -> respond(response, request.getInputStream().readAllBytes());

  PolicyContract(Container container) {
    super(container);
  }

  /** Fails if names are stored as sent but looked up in lower case. */
  @Test
  void headerMatchIgnoresTheCaseOfNames() throws Exception {
    mirror(limits -> limits, policy -> policy.header("X-Mirror-Me", "yes"));
    application(READING);
    try (RawClient client = new RawClient(mirroredPort())) {
      for (String field :
          new String[] {"x-mirror-me: yes", "X-MIRROR-ME: yes", "X-Mirror-Me: no"}) {
        client.exchange(EMPTY, "GET /query HTTP/1.1", "Host: gateway", field);
      }
    }
    Conservation.awaitSettled(mirror());
    assertThat(stats().count(Outcome.ACCEPTED)).isEqualTo(2);
    assertThat(stats().count(Outcome.NOT_MATCHED)).isEqualTo(1);
  }

  /** Fails if a client can choose the target, and so reach whatever the gateway can reach. */
  @Test
  void targetIsNotTakenFromHeaders() throws Exception {
    try (TestTarget victim = new TestTarget()) {
      String authority = "127.0.0.1:" + victim.port();
      check(
          READING,
          atOnce(
              EMPTY,
              "GET /query HTTP/1.1",
              "Host: " + authority,
              "X-Mirror-Target: http://" + authority,
              "X-Shadow-Target: http://" + authority,
              "X-Request-Mirror-Target: http://" + authority,
              "X-Forwarded-Host: " + authority,
              "Forwarded: host=" + authority));
      assertThat(assertCopied(EMPTY).requestTarget()).isEqualTo("/query");
      assertThat(target.requests().get(0).headers("Host"))
          .containsExactly("127.0.0.1:" + target.port());
      assertThat(victim.connectionsAccepted()).isZero();
    }
  }

  /** Fails if the mirror does not recognize its own copies: they would be mirrored forever. */
  @Test
  void mirrorThatTargetsItselfCopiesOnce() throws Exception {
    AtomicInteger served = new AtomicInteger();
    mirrorTo(URI.create("http://127.0.0.1:" + mirroredPort()), limits -> limits, policy -> policy);
    application(
        (request, response) -> {
          served.incrementAndGet();
          READING.handle(request, response);
        });
    try (RawClient client = new RawClient(mirroredPort())) {
      client.exchange(bytes(100), lines("POST /push HTTP/1.1", "Content-Length: 100"));
    }
    Conservation.awaitSettled(mirror());
    assertThat(served).hasValue(2);
    assertThat(stats().offered()).isEqualTo(2);
    assertThat(stats().count(Outcome.ACCEPTED)).isEqualTo(1);
    assertThat(stats().count(Outcome.LOOP)).isEqualTo(1);
  }

  @Test
  void missingHeadersDoNotHurtScopeAndSample() throws Exception {
    mirror(
        limits -> limits,
        policy ->
            policy
                .scope(head -> head.header("X-Missing"))
                .sampleBy(head -> head.header("X-Missing"))
                .fraction(0.9999));
    View view = check(READING, atOnce(EMPTY, "GET / HTTP/1.0"));
    assertThat(view.response()).contains("0 bytes");
    assertThat(assertCopied(EMPTY).requestTarget()).isEqualTo("/");
  }
}
