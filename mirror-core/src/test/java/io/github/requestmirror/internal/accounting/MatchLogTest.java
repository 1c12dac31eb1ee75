package io.github.requestmirror.internal.accounting;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MatchLogTest {
  private final OutcomeCounters counters = new OutcomeCounters();
  private final List<String> lines = new ArrayList<>();
  private final MatchLog log = new MatchLog("secondary", counters, Runnable::run, lines::add);

  private void requests(int times, Outcome outcome) {
    for (int i = 0; i < times; i++) {
      counters.offer();
      counters.end(outcome);
      log.tick();
    }
  }

  @Test
  void saysOnceThatThePolicyMatchedNoneOfAThousandRequests() {
    requests(999, Outcome.NOT_MATCHED);
    assertThat(lines).isEmpty();
    requests(2000, Outcome.NOT_MATCHED);
    assertThat(lines)
        .singleElement()
        .asString()
        .startsWith("mirror secondary: its policy matched none of the first 1000 requests; check")
        .contains("methods", "path prefixes", "match", "'mirroring to'");
  }

  @ParameterizedTest
  @EnumSource(names = {"ACCEPTED", "BUFFER_FULL", "NOT_SAMPLED", "DENIED", "BODY_TOO_LARGE"})
  void saysNothingIfOneRequestMatched(Outcome outcome) {
    requests(500, Outcome.NOT_MATCHED);
    requests(1, outcome);
    requests(3000, Outcome.NOT_MATCHED);
    assertThat(lines).isEmpty();
  }

  @Test
  void waitsForTheEndOfARequestThatMayHaveMatched() {
    counters.offer();
    requests(3000, Outcome.NOT_MATCHED);
    assertThat(lines).isEmpty();
    counters.end(Outcome.TIMEOUT);
    log.tick();
    requests(3000, Outcome.NOT_MATCHED);
    assertThat(lines).isEmpty();
  }

  @Test
  void requestsThatNoPolicySeesDoNotCount() {
    requests(5000, Outcome.DISABLED);
    requests(500, Outcome.LOOP);
    requests(999, Outcome.NOT_MATCHED);
    assertThat(lines).isEmpty();
    requests(1, Outcome.NOT_MATCHED);
    assertThat(lines).hasSize(1);
  }
}
