package io.github.requestmirror.internal.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.requestmirror.Headers;
import io.github.requestmirror.RequestHead;
import java.util.Random;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SamplerTest {
  private static @Nullable String tenant(RequestHead head) {
    return head.header("T");
  }

  private static RequestHead of(String tenant) {
    return RequestHead.of("POST", "/", null, Headers.of("T", tenant));
  }

  /** Gateways with different versions, and other implementations, must make the same choice. */
  @ParameterizedTest
  @CsvSource({
    "'', 0.93676944839044",
    "'a', 0.5102945176565711",
    "'b', 0.43126216727822997",
    "'0', 0.7573878133052826",
    "'1', 0.4852325240791544",
    "'tenant-1', 0.15485625129768577",
    "'tenant-2', 0.8587969509463862",
    "'anonymous', 0.10255242224120986",
    "'team-ä', 0.498806442445483",
    "'a|b', 0.8395444331168879",
    "'0123456789012345678901234567890123456789', 0.1643787130801776"
  })
  void positionsOfKeysNeverChange(String key, double position) {
    assertThat(Sampler.position(key)).isEqualTo(position);
  }

  @Test
  void smallerFractionIsASubsetOfALargerOne() {
    double[] fractions = {0, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.999, 1};
    for (int i = 0; i < 2_000; i++) {
      RequestHead head = of("tenant-" + i);
      boolean before = false;
      for (double fraction : fractions) {
        boolean samples = new Sampler(fraction, SamplerTest::tenant).samples(head);
        assertThat(samples || !before).as("tenant-%s at %s", i, fraction).isTrue();
        before = samples;
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"%d", "tenant-%d", "%06d", "%d@eu-west-1.example.com", "%x"})
  void selectsAboutTheFractionOfTheKeys(String format) {
    Sampler sampler = new Sampler(0.1, SamplerTest::tenant);
    int chosen = 0;
    for (int i = 0; i < 20_000; i++) {
      chosen += sampler.samples(of(String.format(format, i))) ? 1 : 0;
    }
    // Five standard deviations of the binomial distribution.
    assertThat(chosen).isCloseTo(2_000, within(215));
  }

  @Test
  void positionsAreInRange() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 10_000; i++) {
      String key = Long.toString(random.nextLong(), 36);
      assertThat(Sampler.position(key)).as("%s (seed %s)", key, seed).isBetween(0.0, 0.9999999999);
    }
  }

  @Test
  void nullKeyCountsAsTheEmptyKey() {
    RequestHead without = RequestHead.of("POST", "/", null, Headers.of());
    double position = Sampler.position("");
    assertThat(new Sampler(Math.nextUp(position), SamplerTest::tenant).samples(without)).isTrue();
    assertThat(new Sampler(position, SamplerTest::tenant).samples(without)).isFalse();
  }

  @Test
  void randomSamplingIsIndependentForEachRequest() {
    Sampler sampler = new Sampler(0.5, null);
    RequestHead head = of("one");
    int chosen = 0;
    for (int i = 0; i < 10_000; i++) {
      chosen += sampler.samples(head) ? 1 : 0;
    }
    assertThat(chosen).isCloseTo(5_000, within(400));
  }

  @Test
  void fraction0And1DoNotCallTheKeyFunction() {
    Function<RequestHead, @Nullable String> fails =
        head -> {
          throw new AssertionError("called the key function");
        };
    assertThat(new Sampler(1, fails).samples(of("x"))).isTrue();
    assertThat(new Sampler(0, fails).samples(of("x"))).isFalse();
  }
}
