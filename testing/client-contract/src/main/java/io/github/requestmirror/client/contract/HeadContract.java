package io.github.requestmirror.client.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.MirrorTraceContext;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The head of a copy. */
abstract class HeadContract extends ContractFixture {
  private static final String[] CREDENTIALS = {
    "Authorization",
    "AWS4-HMAC-SHA256 Credential=x",
    "X-Amz-Date",
    "20261123T000000Z",
    "X-Amz-Security-Token",
    "secret",
    "x-amz-content-sha256",
    "abc",
    "Cookie",
    "secret=1",
    "X-Scope-OrgID",
    "tenant"
  };

  private static final String[] TRACE = {
    "traceparent",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "X-B3-TraceId",
    "8448eb211c80319c",
    "X-B3-SpanId",
    "b7ad6b7169203331",
    "X-B3-Sampled",
    "1"
  };

  HeadContract(TestClient.Factory factory) {
    super(factory);
  }

  private HttpMessage copyOf(String path, String... headers) throws Exception {
    assertThat(mirrored().post(uri(path), new byte[5], headers).status()).isEqualTo(204);
    Conservation.awaitSettled(mirror());
    return target.requests().get(target.requests().size() - 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/api/v1/push", "/a%2Fb/%7Euser;v=1//x", "/p?a=1&b=%20+%2B&c&=&d"})
  void startLineIsThatOfThePrimary(String path) throws Exception {
    assertThat(copyOf(path).startLine())
        .isEqualTo("POST " + path + " HTTP/1.1")
        .isEqualTo(primary.requests().get(0).startLine());
  }

  @Test
  void headersKeepOrderAndRepeats() throws Exception {
    HttpMessage copy =
        copyOf(
            PUSH,
            "X-Prometheus-Remote-Write-Version",
            "0.1.0",
            "x-repeated",
            "1",
            "X-Scope-OrgID",
            "team-a",
            "X-Repeated",
            "2",
            "Content-Encoding",
            "snappy",
            "User-Agent",
            "Prometheus/2.42.0");
    assertThat(copy.headerLines())
        .containsSubsequence(
            "X-Prometheus-Remote-Write-Version: 0.1.0",
            "x-repeated: 1",
            "X-Scope-OrgID: team-a",
            "X-Repeated: 2",
            "Content-Encoding: snappy",
            "User-Agent: Prometheus/2.42.0");
    assertThat(copy.headers("X-Request-Mirror")).containsExactly("1");
  }

  /** Names are compared without regard to case, and the first of repeated headers counts. */
  @Test
  void policySeesTheFirstOfRepeatedHeaders() throws Exception {
    mirror(limits -> limits, policy -> policy.when(head -> "1".equals(head.header("x-repeated"))));
    copyOf(PUSH, "X-Repeated", "1", "x-repeated", "2");
    assertOutcomes(Outcome.ACCEPTED);
  }

  @Test
  void credentialsAreDropped() throws Exception {
    HttpMessage copy = copyOf("/api/v1/remote_write", CREDENTIALS);
    assertThat(primary.requests().get(0).headers("Authorization")).hasSize(1);
    for (String name :
        List.of(
            "Authorization",
            "X-Amz-Date",
            "X-Amz-Security-Token",
            "X-Amz-Content-Sha256",
            "Cookie")) {
      assertThat(copy.headers(name)).as(name).isEmpty();
    }
    assertThat(copy.headText()).doesNotContainIgnoringCase("secret", "amz");
    assertThat(copy.header("X-Scope-OrgID")).isEqualTo("tenant");
  }

  @Test
  void credentialsAreForwardedIfThePolicyAllowsIt() throws Exception {
    mirror(limits -> limits, policy -> policy.forwardCredentials(true));
    assertThat(copyOf(PUSH, CREDENTIALS).headText()).contains("Credential=x", "secret=1");
  }

  /** The primary's request keeps it in any case. */
  @Test
  void copyHasNoTraceContext() throws Exception {
    HttpMessage copy = copyOf(PUSH, TRACE);
    assertThat(copy.headers("traceparent")).isEmpty();
    assertThat(copy.headers("X-B3-TraceId")).isEmpty();
    HttpMessage original = primary.requests().get(0);
    assertThat(original.header("traceparent")).isEqualTo(TRACE[1]);
    assertThat(original.header("X-B3-Sampled")).isEqualTo("1");
  }

  @Test
  void copyHasAnUnsampledTraceContextIfThePolicySaysSo() throws Exception {
    mirror(limits -> limits, policy -> policy.traceContext(MirrorTraceContext.UNSAMPLED));
    HttpMessage copy = copyOf(PUSH, TRACE);
    assertThat(copy.header("traceparent")).isEqualTo(TRACE[1].replaceAll("-01$", "-00"));
    assertThat(copy.header("X-B3-TraceId")).isEqualTo(TRACE[3]);
    assertThat(copy.headers("X-B3-Sampled")).containsExactly("0");
  }

  @Test
  void copyHasTheTraceContextIfThePolicyKeepsIt() throws Exception {
    mirror(limits -> limits, policy -> policy.traceContext(MirrorTraceContext.KEEP));
    HttpMessage copy = copyOf(PUSH, TRACE);
    assertThat(copy.header("traceparent")).isEqualTo(TRACE[1]);
    assertThat(copy.headers("X-B3-Sampled")).containsExactly("1");
  }

  @Test
  void hostIsThatOfTheTarget() throws Exception {
    assertThat(copyOf(PUSH).headers("Host")).containsExactly("127.0.0.1:" + target.port());
  }

  @Test
  void hostIsThatOfThePrimaryIfThePolicyKeepsIt() throws Exception {
    mirror(limits -> limits, policy -> policy.keepHost());
    assertThat(copyOf(PUSH).headers("Host"))
        .containsExactly("127.0.0.1:" + primary.port())
        .isEqualTo(primary.requests().get(0).headers("Host"));
  }

  /** The copy has the marker and the primary's request has not, so the copy is not copied again. */
  @Test
  void mirrorToThePrimaryItselfSendsOneCopy() throws Exception {
    start(
        MirrorTarget.builder(primary.uri()).name("primary").build(),
        MirrorPolicy.builder().build());
    mirrored().post(uri("/"), new byte[5]);
    Conservation.awaitSettled(mirror());
    assertThat(stats().offered()).isEqualTo(1);
    assertThat(primary.requests().stream().map(one -> one.header("X-Request-Mirror")))
        .containsExactlyInAnyOrder(null, "1");
  }
}
