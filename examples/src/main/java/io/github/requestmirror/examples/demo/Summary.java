package io.github.requestmirror.examples.demo;

import static io.github.requestmirror.examples.demo.Screen.format;

import io.github.requestmirror.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The results of the demo, taken when no copy was pending.
 *
 * @param requests number of requests sent
 * @param sent number of samples sent
 * @param acknowledged samples of the requests to which the primary responded with 2xx
 * @param steady the clusters at the end of the steady phase
 * @param end the clusters at the end
 * @param outcomes the mirror's count of requests by outcome
 * @param phases the phases
 */
record Summary(
    long requests,
    long sent,
    long acknowledged,
    Clusters steady,
    Clusters end,
    Map<Outcome, Long> outcomes,
    List<PhaseResult> phases) {

  /** Copies the collections. */
  Summary {
    outcomes = Map.copyOf(outcomes);
    phases = List.copyOf(phases);
  }

  /** Returns the number of requests with an outcome other than ACCEPTED. */
  private long notAccepted() {
    return outcomes.entrySet().stream()
        .filter(entry -> entry.getKey() != Outcome.ACCEPTED)
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** Returns the failed checks; empty on success. */
  List<String> failures() {
    List<String> failures = new ArrayList<>();
    if (sent == 0) {
      failures.add("nothing was sent");
    }
    if (acknowledged != sent) {
      failures.add(format("the primary acknowledged %,d of %,d samples", acknowledged, sent));
    }
    if (end.primary() != acknowledged) {
      failures.add(
          format(
              "the primary holds %,d samples but acknowledged %,d", end.primary(), acknowledged));
    }
    if (end.rejectedByPrimary() != 0) {
      failures.add(format("the primary rejected %,d requests", end.rejectedByPrimary()));
    }
    if (!steady.equal()) {
      failures.add(
          format(
              "in the steady phase the secondary received %,d samples, not exactly the primary's %,d",
              steady.secondary(), steady.primary()));
    }
    if (end.rejectedBySecondary() != 0) {
      failures.add(
          format("the secondary rejected %,d requests as out of order", end.rejectedBySecondary()));
    }
    long explained = requests == 0 ? 0 : notAccepted() * (sent / requests);
    if (end.missing() > explained) {
      failures.add(
          format("%,d samples are missing without a counted outcome", end.missing() - explained));
    }
    if (end.secondary() <= steady.secondary()) {
      failures.add("the secondary received nothing after it came back");
    }
    return failures;
  }

  int exitCode() {
    return failures().isEmpty() ? 0 : 1;
  }

  void print(Screen screen) {
    screen.line("");
    screen.bold("Summary");
    String phase = "%12s  %6s %7s %7s %10s %7s %8s";
    screen.line(
        format(phase, "phase", "req/s", "p50 ms", "p99 ms", "responded", "failed", "dropped"));
    for (PhaseResult result : phases) {
      screen.line(
          format(
              phase,
              result.phase().title(),
              result.requestsPerSecond(),
              format("%.1f", result.p50()),
              format("%.1f", result.p99()),
              format("%,d", result.responded()),
              format("%,d", result.failed()),
              format("%,d", result.dropped())));
    }
    screen.line("");
    screen.line(format("sent          %,11d samples in %,d requests", sent, requests));
    screen.line(format("at primary    %,11d", end.primary()));
    screen.line(format("at secondary  %,11d", end.secondary()));
    screen.line(format("missing there %,11d: %s", end.missing(), reasons()));
    screen.line(format("out of order  %,11d requests rejected", end.rejectedBySecondary()));
    screen.line("");
    failures().forEach(failure -> screen.bold("FAILED: " + failure));
    if (failures().isEmpty()) {
      screen.bold(
          "OK: the primary lost nothing; the secondary received the same samples while it had no fault.");
    }
  }

  private String reasons() {
    String reasons =
        outcomes.entrySet().stream()
            .filter(entry -> entry.getKey() != Outcome.ACCEPTED && entry.getValue() > 0)
            .sorted(Map.Entry.comparingByKey())
            .map(entry -> format("%s %,d", entry.getKey(), entry.getValue()))
            .collect(Collectors.joining(", "));
    return reasons.isEmpty() ? "none" : format("requests by outcome: %s", reasons);
  }
}
