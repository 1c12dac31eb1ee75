package io.github.requestmirror.client.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Wire;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The limits of the mirror's memory do not affect the primary. */
abstract class LimitContract extends ContractFixture {
  private static final int LIMIT = 100_000;

  LimitContract(TestClient.Factory factory) {
    super(factory);
  }

  private void post(int length, boolean declared) throws Exception {
    byte[] body = Wire.bytes(length, length);
    TestRequest request = TestRequest.post(uri(PUSH), TestBody.of(body, 1, declared));
    assertThat(mirrored().start(request).result().status()).isEqualTo(204);
    assertThat(primary.requests()).hasSize(1).allMatch(one -> Arrays.equals(one.body(), body));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void bodyOfExactlyTheLimitIsCopied(boolean declared) throws Exception {
    mirror(limits -> limits.maxBodyBytes(LIMIT), policy -> policy);
    post(LIMIT, declared);
    assertOutcomes(Outcome.ACCEPTED);
    assertCopies(Wire.bytes(LIMIT, LIMIT));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void bodyBeyondTheLimitIsCounted(boolean declared) throws Exception {
    mirror(limits -> limits.maxBodyBytes(LIMIT), policy -> policy);
    post(LIMIT + 1, declared);
    assertOutcomes(Outcome.BODY_TOO_LARGE);
    assertThat(target.requests()).isEmpty();
  }

  /** Head and body together exceed the buffer. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void bodyWithoutSpaceInTheBufferIsCounted(boolean declared) throws Exception {
    mirror(limits -> limits.bufferBytes(70_000).maxBodyBytes(70_000), policy -> policy);
    post(69_950, declared);
    assertOutcomes(Outcome.BUFFER_FULL);
    assertThat(target.requests()).isEmpty();
  }
}
