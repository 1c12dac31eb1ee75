package io.github.requestmirror.client.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls that are not mirrored are counted, and the caller gets the primary's response. */
abstract class DecisionContract extends ContractFixture {
  private static final byte[] BODY = {1, 2, 3};

  DecisionContract(TestClient.Factory factory) {
    super(factory);
  }

  private void assertServed(Mirror mirror, String... headers) throws Exception {
    assertThat(mirrored().post(uri(PUSH), BODY, headers).status()).isEqualTo(204);
    assertThat(mirror.stats().targets().get(0).bufferedBytes()).isZero();
    assertThat(primary.requests().get(0).body()).isEqualTo(BODY);
    assertThat(target.requests()).isEmpty();
  }

  enum Decision {
    NOT_MATCHED,
    DENIED,
    NOT_SAMPLED,
    POLICY_ERROR;

    MirrorPolicy.Builder apply(MirrorPolicy.Builder policy) {
      return switch (this) {
        case NOT_MATCHED -> policy.path("/other");
        case DENIED -> policy.deny("POST", PUSH);
        case NOT_SAMPLED -> policy.fraction(0);
        case POLICY_ERROR ->
            policy.when(
                head -> {
                  throw new StackOverflowError("on purpose");
                });
      };
    }
  }

  @ParameterizedTest
  @EnumSource
  void decisionOfThePolicyIsCounted(Decision decision) throws Exception {
    assertServed(mirror(limits -> limits, decision::apply));
    assertOutcomes(Outcome.valueOf(decision.name()));
  }

  @Test
  void disabledMirrorIsCounted() throws Exception {
    mirror().enabled(false);
    assertServed(mirror());
    assertOutcomes(Outcome.DISABLED);
  }

  @Test
  void closedMirrorIsCounted() throws Exception {
    mirror().close();
    assertServed(mirror());
    assertOutcomes(Outcome.CLOSED);
  }

  @Test
  void copyIsNotMirroredAgain() throws Exception {
    assertServed(mirror(), "X-Request-Mirror", "1");
    assertThat(primary.requests().get(0).header("X-Request-Mirror")).isEqualTo("1");
    assertOutcomes(Outcome.LOOP);
  }
}
