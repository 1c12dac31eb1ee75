package io.github.requestmirror.internal.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NameCacheTest {
  private final List<String> tested = new ArrayList<>();

  private final NameCache<Boolean> cache =
      new NameCache<>(
          name -> {
            tested.add(name);
            if (name.startsWith("!")) {
              throw new IllegalStateException(name);
            }
            return name.startsWith("x");
          });

  @Test
  void testsANameOnce() {
    for (int i = 0; i < 3; i++) {
      assertThat(cache.get("x-one")).isTrue();
      assertThat(cache.get("two")).isFalse();
    }
    assertThat(tested).containsExactly("x-one", "two");
  }

  /** Both strings have the same hash code. */
  @Test
  void namesWithTheSameHashAreNotConfused() {
    for (int i = 0; i < 3; i++) {
      assertThat(cache.get("xAa")).isTrue();
      assertThat(cache.get("xBB")).isTrue();
      assertThat(cache.get("Aa")).isFalse();
      assertThat(cache.get("BB")).isFalse();
    }
  }

  @Test
  void isCorrectForMoreNamesThanItRemembers() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 10_000; i++) {
      String name = (random.nextBoolean() ? "x" : "y") + random.nextInt(1000);
      assertThat(cache.get(name)).as("%s, seed %d", name, seed).isEqualTo(name.startsWith("x"));
    }
    assertThat(tested).hasSizeLessThan(10_000);
  }

  @Test
  void doesNotRememberLongNamesOrFailures() {
    String longName = "x".repeat(1000);
    for (int i = 0; i < 2; i++) {
      assertThat(cache.get(longName)).isTrue();
      assertThatThrownBy(() -> cache.get("!")).isInstanceOf(IllegalStateException.class);
    }
    assertThat(tested).containsExactly(longName, "!", longName, "!");
  }
}
