package io.github.requestmirror.client.contract;

import static io.github.requestmirror.client.contract.ScriptedPrimary.resets;
import static io.github.requestmirror.client.contract.ScriptedPrimary.responds;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.client.contract.ScriptedPrimary.Step;
import io.github.requestmirror.client.contract.TestClient.Options;
import io.github.requestmirror.client.contract.TestClient.RunningCall;
import io.github.requestmirror.testing.Wire;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The copy is sent when the primary responds, and only with the statuses of the policy. */
abstract class StatusContract extends ContractFixture {
  private static final byte[] BODY = Wire.bytes(2_000, 1);
  private static final Duration SLOW = Duration.ofMillis(50);

  private final ScriptedPrimary scripted = closedAtTheEnd(new ScriptedPrimary());

  StatusContract(TestClient.Factory factory) {
    super(factory);
  }

  private static Step status(int status) {
    return responds("HTTP/1.1 " + status + " Status", "Content-Length: 0", "Retry-After: 0");
  }

  @Test
  void copyIsSentWhenThePrimaryResponds() throws Exception {
    scripted.restart(
        exchange -> {
          exchange.readBody();
          end.await();
          exchange.send("HTTP/1.1 500 Oops", "Content-Length: 0");
        });
    RunningCall call = mirrored().start(TestRequest.post(scripted.uri(PUSH), TestBody.of(BODY)));
    eventually().until(() -> scripted.requests().size() == 1);
    assertThat(stats().pending()).isEqualTo(1);
    assertThat(target.requests()).isEmpty();
    end.countDown();
    assertThat(call.result().status()).isEqualTo(500);
    assertOutcomes(Outcome.ACCEPTED);
    assertCopies(BODY);
  }

  @Test
  void durationOfThePrimaryIsThatOfTheCall_withABody() throws Exception {
    assertDurationIsThatOfTheCall(TestRequest.post(scripted.uri(PUSH), TestBody.of(BODY)));
  }

  @Test
  void durationOfThePrimaryIsThatOfTheCall_withoutABody() throws Exception {
    assertDurationIsThatOfTheCall(TestRequest.get(scripted.uri("/query")));
  }

  private void assertDurationIsThatOfTheCall(TestRequest request) throws Exception {
    scripted.restart(
        exchange -> {
          exchange.readBody();
          end.await();
          exchange.send("HTTP/1.1 200 OK", "Content-Length: 0");
        });
    RunningCall call = mirrored().start(request);
    eventually().until(() -> scripted.requests().size() == 1);
    long arrived = System.nanoTime();
    eventually().until(() -> System.nanoTime() - arrived > SLOW.toNanos());
    end.countDown();
    assertThat(call.result().status()).isEqualTo(200);
    assertOutcomes(Outcome.ACCEPTED);
    assertThat(stats().primaryDurations().count()).isEqualTo(1);
    assertThat(stats().primaryDurations().total()).isGreaterThanOrEqualTo(SLOW);
  }

  @Test
  void policySelectsByTheStatusOfThePrimary() throws Exception {
    mirror(limits -> limits, policy -> policy.whenPrimaryResponds(2));
    scripted.restart(status(204), status(400), status(500));
    TestClient client = mirrored();
    for (int status : new int[] {204, 400, 500}) {
      assertThat(client.post(scripted.uri(PUSH), BODY).status()).isEqualTo(status);
    }
    assertOutcomes(Outcome.ACCEPTED, Outcome.PRIMARY_STATUS, Outcome.PRIMARY_STATUS);
    eventually().until(() -> stats().bufferedBytes() == 0);
    assertCopies(BODY);
  }

  /** The client repeats the request because of the 503. */
  @Test
  void policySelectsByTheStatusOfTheLastAttempt() throws Exception {
    mirror(limits -> limits, policy -> policy.whenPrimaryResponds(2));
    scripted.restart(status(503), status(200));
    TestClient client = client(Options.of(mirror()).retries(1));
    assertThat(client.post(scripted.uri(PUSH), BODY).status()).isEqualTo(200);
    assertThat(scripted.requestsBegun()).isEqualTo(2);
    assertOutcomes(Outcome.ACCEPTED);
    assertCopies(BODY);
  }

  /** The mirror must not wait for the response of a call that failed. */
  @Test
  void failedCallIsNotCopiedIfThePolicySelectsByStatus() throws Exception {
    mirror(limits -> limits, policy -> policy.whenPrimaryResponds(2));
    scripted.restart(resets());
    assertThat(mirrored().post(scripted.uri(PUSH), BODY).isFailure()).isTrue();
    assertOutcomes(Outcome.PRIMARY_STATUS);
    eventually().until(() -> stats().bufferedBytes() == 0);
    assertThat(target.requests()).isEmpty();
  }
}
