package io.github.requestmirror.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Help.Ansi;

/** 100 requests of 10 samples: 50 in the steady phase, 20 lost during the faults. */
class SummaryTest {
  private static final Clusters STEADY = new Clusters(500, 500, 0, 0, true);
  private static final Clusters END = new Clusters(1000, 800, 0, 0, false);
  private static final Map<Outcome, Long> OUTCOMES =
      Map.of(Outcome.ACCEPTED, 80L, Outcome.TIMEOUT, 5L, Outcome.TARGET_DOWN, 15L);

  private static Summary summary(long acknowledged, Clusters steady, Clusters end) {
    return summary(1000, acknowledged, steady, end, OUTCOMES);
  }

  private static Summary summary(
      long sent, long acknowledged, Clusters steady, Clusters end, Map<Outcome, Long> outcomes) {
    PhaseResult phase = new PhaseResult(Phase.STEADY, 400, 1.2, 9.8, 80, 5, 15);
    return new Summary(sent / 10, sent, acknowledged, steady, end, outcomes, List.of(phase));
  }

  private static void assertFails(Summary summary, String... failures) {
    assertThat(summary.failures()).containsExactly(failures);
    assertThat(summary.exitCode()).isEqualTo(1);
    assertThat(printed(summary)).contains("FAILED: " + failures[0]).doesNotContain("OK:");
  }

  private static String printed(Summary summary) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    summary.print(new Screen(new PrintStream(bytes, true, StandardCharsets.UTF_8), Ansi.OFF));
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void succeedsWhenEveryMissingSampleHasAnOutcome() {
    Summary summary = summary(1000, STEADY, END);

    assertThat(summary.failures()).isEmpty();
    assertThat(summary.exitCode()).isZero();
    assertThat(printed(summary))
        .contains("missing there         200: requests by outcome: TIMEOUT 5, TARGET_DOWN 15")
        .contains("steady     400     1.2     9.8         80       5       15")
        .contains("OK: ");
  }

  @Test
  void succeedsWhenACopyWasStoredAfterItsTimeout() {
    assertThat(summary(1000, STEADY, new Clusters(1000, 850, 0, 0, false)).exitCode()).isZero();
  }

  @Test
  void failsWhenNothingWasSent() {
    assertThat(summary(0, 0, STEADY, END, Map.of()).failures()).contains("nothing was sent");
  }

  @Test
  void failsWhenThePrimaryDidNotAcknowledgeAll() {
    assertFails(
        summary(990, STEADY, new Clusters(990, 800, 0, 0, false)),
        "the primary acknowledged 990 of 1,000 samples");
  }

  @Test
  void failsWhenThePrimaryHoldsLessThanItAcknowledged() {
    assertFails(
        summary(1000, STEADY, new Clusters(990, 800, 0, 0, false)),
        "the primary holds 990 samples but acknowledged 1,000");
  }

  @Test
  void failsWhenThePrimaryRejected() {
    assertFails(
        summary(1000, STEADY, new Clusters(1000, 800, 2, 0, false)),
        "the primary rejected 2 requests");
  }

  @Test
  void failsWhenTheSecondaryWasNotEqualWhileSteady() {
    assertFails(
        summary(1000, new Clusters(500, 490, 0, 0, false), END),
        "in the steady phase the secondary received 490 samples, not exactly the primary's 500");
  }

  @Test
  void failsOnDisorder() {
    assertFails(
        summary(1000, STEADY, new Clusters(1000, 800, 0, 3, false)),
        "the secondary rejected 3 requests as out of order");
  }

  @Test
  void failsWhenSamplesAreMissingSilently() {
    assertFails(
        summary(1000, STEADY, new Clusters(1000, 790, 0, 0, false)),
        "10 samples are missing without a counted outcome");
  }

  @Test
  void failsWhenTheMirrorDidNotResume() {
    assertFails(
        summary(
            1000,
            1000,
            STEADY,
            new Clusters(1000, 500, 0, 0, false),
            Map.of(Outcome.ACCEPTED, 50L, Outcome.TARGET_DOWN, 50L)),
        "the secondary received nothing after it came back");
  }
}
