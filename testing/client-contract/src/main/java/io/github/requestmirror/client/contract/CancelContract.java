package io.github.requestmirror.client.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.client.contract.TestClient.RunningCall;
import io.github.requestmirror.testing.Wire;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A cancelled call is not copied, and its memory is released at once. */
abstract class CancelContract extends ContractFixture {
  private static final byte[] SMALL = Wire.bytes(2_000, 1);
  private static final byte[] PART = Wire.bytes(1 << 20, 3);

  private final ScriptedPrimary scripted = closedAtTheEnd(new ScriptedPrimary());

  CancelContract(TestClient.Factory factory) {
    super(factory);
  }

  private RunningCall post(TestBody body) throws Exception {
    return mirrored().start(TestRequest.post(scripted.uri(PUSH), body));
  }

  private void assertCancelled(RunningCall call) throws Exception {
    call.cancel();
    assertThat(call.result().isFailure()).isTrue();
    eventually()
        .untilAsserted(
            () ->
                assertThat(stats().count(Outcome.BODY_INCOMPLETE)).as("%s", stats()).isEqualTo(1));
    eventually().until(() -> stats().bufferedBytes() == 0);
    assertOutcomes(Outcome.BODY_INCOMPLETE);
    assertThat(target.requests()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void callCancelledWhileItsBodyIsWrittenIsNotCopied(boolean declared) throws Exception {
    scripted.restart(
        exchange -> {
          exchange.in().readNBytes(1000);
          end.await();
        });
    RunningCall call = post(TestBody.of(PART, 12, declared));
    eventually().until(() -> stats().bufferedBytes() > 100_000);
    assertCancelled(call);
  }

  @Test
  void callCancelledWhileItWaitsForTheResponseIsNotCopied() throws Exception {
    scripted.restart(ScriptedPrimary.hangs());
    RunningCall call = post(TestBody.of(SMALL));
    eventually().until(() -> scripted.requests().size() == 1);
    assertThat(stats().bufferedBytes()).isGreaterThan(SMALL.length);
    assertThat(target.requests()).isEmpty();
    assertCancelled(call);
  }
}
