package io.github.requestmirror.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine.Help.Ansi;

/** The demo, with short phases and a lower rate. */
class DemoRunIT {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private Summary run(Ansi ansi) throws Exception {
    Duration second = Duration.ofSeconds(1);
    Plan plan =
        new Plan(
            4, 20, 100, second, second, second.multipliedBy(2), second, second.multipliedBy(5));
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    return DemoRun.run(plan, new Screen(out, ansi));
  }

  @Test
  @Timeout(60)
  void runs() throws Exception {
    Summary summary = run(Ansi.OFF);

    assertThat(summary.failures()).isEmpty();
    assertThat(summary.phases()).extracting(PhaseResult::phase).containsExactly(Phase.values());
    assertThat(summary.end().missing()).as("samples lost during the faults").isPositive();
    String printed = bytes.toString(StandardCharsets.UTF_8);
    assertThat(printed.lines().filter(line -> line.matches(" *\\d+ s .*"))).hasSize(9);
    assertThat(printed).contains("  up\n").contains("  DOWN\n").doesNotContain("\033");
  }
}
