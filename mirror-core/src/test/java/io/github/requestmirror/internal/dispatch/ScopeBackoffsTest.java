package io.github.requestmirror.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.ref.WeakReference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScopeBackoffsTest {
  private static final long NOW = 1000;

  private final ScopeBackoffs backoffs = new ScopeBackoffs();

  @ParameterizedTest
  @ValueSource(ints = {1, 128, 129, 10_000})
  void isKnownUntilItSucceeds(int length) {
    String scope = "a".repeat(length);
    String other = "b".repeat(length);
    ScopeBackoff failed = backoffs.failed(scope, NOW);
    assertThat(failed).isNotNull();
    assertThat(backoffs.find(scope)).isSameAs(failed);
    assertThat(backoffs.failed(scope, NOW)).isSameAs(failed);
    assertThat(backoffs.find(other)).isNull();
    backoffs.succeeded(other);
    assertThat(backoffs.find(scope)).isSameAs(failed);
    backoffs.succeeded(scope);
    assertThat(backoffs.find(scope)).isNull();
  }

  /** Otherwise clients with long names could fill the heap beside the buffer. */
  @ParameterizedTest
  @ValueSource(ints = {129, 10_000})
  void longNamesAreNotRetained(int length) {
    WeakReference<String> name = failed(length);
    await()
        .until(
            () -> {
              System.gc();
              return name.get() == null;
            });
    assertThat(backoffs.find("a".repeat(length))).isNotNull();
  }

  private WeakReference<String> failed(int length) {
    String scope = "a".repeat(length);
    assertThat(backoffs.failed(scope, NOW)).isNotNull();
    return new WeakReference<>(scope);
  }
}
