package io.github.requestmirror.client.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Makes each call without and with the mirror: neither the caller nor the primary sees a
 * difference, and the call has the expected outcome.
 */
abstract class DifferentialContract extends ContractFixture {
  private final ScriptedPrimary scripted = closedAtTheEnd(new ScriptedPrimary());

  DifferentialContract(TestClient.Factory factory) {
    super(factory);
  }

  /**
   * What the caller and the primary see of a call.
   *
   * @param writes how often the client started to write the body
   * @param requests what the primary received, byte for byte
   * @param connections how many the client opened, for this call and one after it
   */
  private record Observation(
      CallResult result, int writes, List<String> requests, int connections) {
    Observation withoutDetails() {
      return new Observation(new CallResult("", List.of()), writes, requests, connections);
    }
  }

  static List<ContractCase> cases() {
    return ContractCases.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void callIsTheSameWithTheMirror(ContractCase call) throws Exception {
    assumeThat(factory().supports(call.request(""))).as("supported by the client").isTrue();
    mirror(limits -> limits, policy -> policy.when(head -> !head.rawPath().equals("/after")));
    Observation without = observe(call, null);
    assertThat(without.result().outcome()).as("%s", without).matches(call.result);
    Observation with = observe(call, mirror());
    if (call.racy) {
      assertThat(with.result().outcome()).as("%s", with).matches(call.result);
      assertThat(with.withoutDetails()).isEqualTo(without.withoutDetails());
    } else {
      assertThat(with).isEqualTo(without);
    }
    Outcome outcome =
        call.lastAttemptIncomplete ? factory().outcomeIfTheLastAttemptIsIncomplete() : call.outcome;
    Conservation.awaitSettled(mirror());
    assertThat(stats().count(outcome)).as("%s of %s", outcome, stats()).isEqualTo(1);
    assertThat(stats().offered()).as("offered of %s", stats()).isEqualTo(2);
    if (outcome == Outcome.ACCEPTED) {
      assertCopy(call, target.requests());
    } else {
      assertThat(target.requests()).isEmpty();
    }
  }

  private Observation observe(ContractCase call, @Nullable Mirror mirror) throws Exception {
    scripted.restart(call.script);
    TestRequest request = call.request(call.refused ? "http://127.0.0.1:1" : scripted.uri(""));
    try (TestClient client =
        client(
            TestClient.Options.of(mirror)
                .responseTimeout(call.responseTimeout)
                .retries(call.retries)
                .expectContinue(call.expectContinue)
                .credentials(call.credentials))) {
      CallResult result = client.start(request).result();
      client.awaitIdle();
      CallResult next = client.start(TestRequest.get(scripted.uri("/after"))).result();
      if (next.isFailure()) {
        // An Error may end the client.
        assertThat(result.isFailure()).isTrue();
      }
      List<String> details = new ArrayList<>(result.details());
      details.add("after: " + next.outcome());
      boolean predictable = call.retries == 0 || factory().repeatsOnPredictableConnections();
      return new Observation(
          new CallResult(result.outcome(), details),
          request.body() == null ? 0 : request.body().writes(),
          requests(),
          predictable && !next.isFailure() ? scripted.connectionsAccepted() : 0);
    }
  }

  private List<String> requests() {
    return scripted.requests().stream()
        .map(request -> request.headText() + Arrays.hashCode(request.body()))
        .toList();
  }

  private static void assertCopy(ContractCase call, List<HttpMessage> copies) throws IOException {
    assertThat(copies).hasSize(1);
    HttpMessage copy = copies.get(0);
    assertThat(copy.startLine()).isEqualTo(call.method + " " + call.path + " HTTP/1.1");
    byte[] body = call.body == null ? new byte[0] : call.body;
    boolean compressed = "gzip".equals(copy.header("Content-Encoding"));
    byte[] copied = compressed ? unzip(copy.body()) : copy.body();
    assertThat(Arrays.equals(copied, body)).as("same body").isTrue();
    assertThat(copy.headers("Content-Type"))
        .isEqualTo(call.body == null ? List.of() : List.of("application/x-protobuf"));
    List<String> expected = new ArrayList<>();
    call.request("").forEachHeader((name, value) -> expected.add((name + ": " + value).trim()));
    assertThat(copy.headerLines().stream().map(String::trim).filter(expected::contains).toList())
        .isEqualTo(expected);
    assertThat(copy.header("X-Request-Mirror")).isEqualTo("1");
    assertThat(copy.headers("Authorization")).isEmpty();
    assertThat(copy.headers("Expect")).isEmpty();
  }

  private static byte[] unzip(byte[] zipped) throws IOException {
    return new GZIPInputStream(new ByteArrayInputStream(zipped)).readAllBytes();
  }
}
