package io.github.requestmirror.client.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Faults of the target do not reach the caller or the primary. */
abstract class TargetFaultContract extends ContractFixture {
  private static final int CALLS = 30;

  TargetFaultContract(TestClient.Factory factory) {
    super(factory);
  }

  enum Fault {
    REFUSES,
    HANGS,
    READS_NOTHING,
    RESETS,
    RESPONDS_500,
    RESPONDS_WITHOUT_END;

    void cause(TestTarget target) {
      switch (this) {
        case REFUSES -> target.refuse();
        case HANGS -> target.behave(target.hang());
        case READS_NOTHING -> target.readNothing();
        case RESETS -> target.behave(TestTarget.reset());
        case RESPONDS_500 -> target.behave(TestTarget.status(500));
        case RESPONDS_WITHOUT_END -> target.behave(target.endless());
      }
    }
  }

  private void assertCallerSeesNoDifference() throws Exception {
    primary.behave(TestTarget.respond(200, "stored"));
    byte[] body = Wire.bytes(50_000, 7);
    List<CallResult> without = post(client(TestClient.Options.of(null)), 2, body);
    assertThat(without.get(0).details()).contains(CallResult.body("stored"));
    List<CallResult> with = post(mirrored(), CALLS, body);
    assertThat(with.get(0)).isEqualTo(without.get(0));
    assertThat(with.subList(1, CALLS)).containsOnly(without.get(1));
    assertThat(primary.requests())
        .hasSize(CALLS + 2)
        .allMatch(request -> Arrays.equals(request.body(), body));
    assertThat(primary.connectionsAccepted()).as("one for each client").isEqualTo(2);
  }

  private List<CallResult> post(TestClient client, int times, byte[] body) throws Exception {
    List<CallResult> results = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      results.add(client.post(uri(PUSH), body));
      client.awaitIdle();
    }
    return results;
  }

  @ParameterizedTest
  @EnumSource
  void callerSeesNoDifference(Fault fault) throws Exception {
    mirror(
        limits ->
            limits
                .connectTimeout(Duration.ofMillis(200))
                .callTimeout(Duration.ofMillis(200))
                .maxQueueTime(Duration.ofMillis(200)),
        policy -> policy);
    fault.cause(target);
    assertCallerSeesNoDifference();
    Conservation.awaitSettled(mirror());
    assertThat(stats().offered()).isEqualTo(CALLS);
    assertThat(stats().count(Outcome.INTERNAL_ERROR)).isZero();
  }

  /** A call to the target takes longer than the test allows for all calls together. */
  @ParameterizedTest
  @EnumSource(names = {"HANGS", "READS_NOTHING"})
  void callerDoesNotWaitForTheTarget(Fault fault) throws Exception {
    mirror(
        limits -> limits.callTimeout(Duration.ofMinutes(5)).drainTimeout(Duration.ofMillis(1)),
        policy -> policy);
    fault.cause(target);
    assertTimeoutPreemptively(
        Duration.ofMinutes(1), this::assertCallerSeesNoDifference, "calls wait for the target");
    assertThat(stats().pending()).isEqualTo(CALLS);
    mirror().close();
  }
}
