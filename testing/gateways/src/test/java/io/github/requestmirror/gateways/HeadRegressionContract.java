package io.github.requestmirror.gateways;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.TestTarget;
import java.net.URI;
import java.util.Collections;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What mirrors of other kinds do to the heads of requests, and this one must not. */
abstract class HeadRegressionContract extends RegressionHarness {
  HeadRegressionContract(Server server) {
    super(server);
  }

  /** Wrong where the URL is decoded and encoded anew. */
  @Test
  void percentEncodedPathSurvivesByteExact() throws Exception {
    application(RegressionHarness::store);
    String target = "/api/%7euser/%C3%A4%20b+c/%25?x=%2F%26%3D+&y=%2b&&z&u=a%00";
    get(target);
    assertThat(copy().requestTarget()).isEqualTo(target);
  }

  /** Wrong where each name is looked up once. */
  @Test
  void repeatedHeadersSurviveInOrder() throws Exception {
    application(RegressionHarness::store);
    get("/query", "X-Repeated: b", "Accept: */*", "X-Repeated: a", "x-repeated: b");
    assertThat(copy().headers("X-Repeated")).containsExactly("b", "a", "b");
  }

  /** Wrong where headers are passed on without a look at what they are for. */
  @Test
  void hopByHopHeadersStayWithTheirHop() throws Exception {
    application(RegressionHarness::store);
    get("/query", "Connection: X-Hop", "Keep-Alive: timeout=5", "X-Hop: 1", "TE: gzip");
    assertThat(copy().headers("X-Hop")).isEmpty();
    assertThat(copy().headers("Keep-Alive")).isEmpty();
    assertThat(copy().headers("TE")).isEmpty();
  }

  /** Wrong where all headers go to the target, or just those that were not to. */
  @Test
  void credentialsStayWithThePrimaryAndTheRestDoesNot() throws Exception {
    application((request, response) -> respond(response, request.getHeader("Authorization")));
    HttpMessage response =
        get("/query", "Authorization: Bearer s3cret", "Cookie: id=1", "X-Scope-OrgID: team-a");
    assertThat(text(response)).isEqualTo("Bearer s3cret");
    assertThat(copy().headers("Authorization")).isEmpty();
    assertThat(copy().headers("Cookie")).isEmpty();
    assertThat(copy().headers("X-Scope-OrgID")).containsExactly("team-a");
  }

  /** Wrong where names are kept as sent and looked up in lower case. */
  @Test
  void headerMatchIsCaseInsensitive() throws Exception {
    mirror(limits -> limits, policy -> policy.header("X-Mirror-Me", "yes"));
    application(RegressionHarness::store);
    get("/1", "x-mirror-me: yes");
    get("/2", "X-MIRROR-ME: yes");
    get("/3", "X-Mirror-Me: no");
    Conservation.awaitSettled(mirror());
    assertThat(stats().count(Outcome.ACCEPTED)).isEqualTo(2);
    assertThat(stats().count(Outcome.NOT_MATCHED)).isEqualTo(1);
  }

  /** Wrong where a client may name the target: it would reach whatever the gateway reaches. */
  @Test
  void targetIsNeverTakenFromAClientHeader() throws Exception {
    application(RegressionHarness::store);
    try (TestTarget victim = new TestTarget()) {
      String authority = "127.0.0.1:" + victim.port();
      send(
          EMPTY,
          "GET /query HTTP/1.1",
          "Host: " + authority,
          "X-Mirror-Target: http://" + authority,
          "X-Shadow-Target: http://" + authority,
          "X-Request-Mirror-Target: http://" + authority,
          "X-Forwarded-Host: " + authority,
          "Forwarded: host=" + authority);
      assertThat(copy().requestTarget()).isEqualTo("/query");
      assertThat(copy().headers("Host")).containsExactly("127.0.0.1:" + target().port());
      assertThat(victim.connectionsAccepted()).isZero();
    }
  }

  /** Wrong where the mark against loops is put on the request before it is copied. */
  @Test
  void primaryRequestIsNotMarked() throws Exception {
    application(
        (request, response) ->
            respond(response, Collections.list(request.getHeaderNames()).toString()));
    String names = text(get("/query", "Accept: */*")).toLowerCase(Locale.ROOT);
    assertThat(names).matches("\\[(host, accept|accept, host)]");
    assertThat(copy().headers("X-Request-Mirror")).hasSize(1);
  }

  /** Wrong without a mark: two gateways that mirror to one another would never end. */
  @Test
  void mirrorOfAMirrorIsNotMirrored() throws Exception {
    AtomicInteger served = new AtomicInteger();
    application(
        (request, response) -> {
          served.incrementAndGet();
          store(request, response);
        });
    mirrorTo(URI.create("http://127.0.0.1:" + port()), limits -> limits, policy -> policy);
    post("/push", new byte[100]);
    Conservation.awaitSettled(mirror());
    assertThat(served).hasValue(2);
    assertThat(stats().offered()).isEqualTo(2);
    assertThat(stats().count(Outcome.ACCEPTED)).isEqualTo(1);
    assertThat(stats().count(Outcome.LOOP)).isEqualTo(1);
  }

  /** Wrong where whatever is not there ends in an exception. */
  @Test
  void attributesThatAreMissingDoNoHarm() throws Exception {
    mirror(
        limits -> limits,
        policy ->
            policy
                .scope(head -> head.header("X-Missing"))
                .sampleBy(head -> head.header("X-Missing"))
                .fraction(0.9999));
    application(RegressionHarness::store);
    assertThat(text(send(EMPTY, "GET / HTTP/1.0"))).isEqualTo("stored 0");
    assertThat(copy().requestTarget()).isEqualTo("/");
  }
}
