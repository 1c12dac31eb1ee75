package io.github.requestmirror.internal.accounting;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ScopeLossesTest {
  private final ScopeLosses table = new ScopeLosses();

  private Map<String, Long> losses() {
    return table.losses().stream()
        .collect(Collectors.toMap(ScopeLosses.Loss::scope, ScopeLosses.Loss::count));
  }

  private long sum() {
    return losses().values().stream().mapToLong(Long::longValue).sum();
  }

  @Test
  void countsEachScope() {
    for (int i = 0; i < 3; i++) {
      table.count(new String("a"));
    }
    table.count("b");

    assertThat(losses()).isEqualTo(Map.of("a", 3L, "b", 1L));
    assertThat(table.total()).isEqualTo(4);
  }

  @Test
  void countsWithoutAPlace_unknownScopesAndLongOnes() {
    table.count(null);
    table.count("x".repeat(ScopeLosses.MAX_LENGTH + 1));
    table.count("x".repeat(ScopeLosses.MAX_LENGTH));

    assertThat(losses()).containsOnlyKeys("x".repeat(ScopeLosses.MAX_LENGTH));
    assertThat(table.total()).isEqualTo(3);
  }

  @Test
  void newScopeReplacesTheOneWithTheSmallestCount_andStartsAtZero() {
    for (int i = 0; i < ScopeLosses.PLACES; i++) {
      for (int times = 0; times <= i; times++) {
        table.count("s" + i);
      }
    }
    long before = table.total();

    table.count("new");

    assertThat(losses()).doesNotContainKey("s0").containsEntry("new", 1L).containsEntry("s1", 2L);
    assertThat(table.total()).isEqualTo(before + 1);
    assertThat(table.total() - sum()).as("of s0").isEqualTo(1);
  }

  @Test
  void keepsTheScopesThatLoseMost_amongManyOthers() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    long heavy = 0;
    for (int i = 0; i < 100_000; i++) {
      boolean isHeavy = random.nextInt(10) == 0;
      heavy += isHeavy ? 1 : 0;
      table.count(isHeavy ? "heavy" : "light" + random.nextInt(10_000));
    }

    // More than one in 64 of all losses, so the scope cannot be displaced for long.
    assertThat(losses().getOrDefault("heavy", 0L))
        .as("seed %d", seed)
        .isBetween(heavy * 9 / 10, heavy);
    assertThat(losses()).hasSizeLessThanOrEqualTo(ScopeLosses.PLACES);
    assertThat(table.total()).as("seed %d", seed).isEqualTo(100_000);
  }

  @Test
  void totalIsExact_andEachScopeHasOnePlace_withSeveralThreads() throws Exception {
    int each = 50_000;
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      SplittableRandom random = new SplittableRandom(t);
      threads.add(
          new Thread(
              () -> {
                for (int i = 0; i < each; i++) {
                  table.count("s" + random.nextInt(100));
                }
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(table.total()).isEqualTo(4L * each);
    assertThat(table.losses()).extracting(ScopeLosses.Loss::scope).doesNotHaveDuplicates();
    assertThat(sum()).isLessThanOrEqualTo(table.total());
  }
}
