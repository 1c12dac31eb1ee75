package io.github.requestmirror.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Cortex;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorTarget;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Help.Ansi;

class ScreenTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private Screen screen(Ansi ansi) {
    return new Screen(new PrintStream(bytes, true, StandardCharsets.UTF_8), ansi);
  }

  private String printed() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** Half a second in which 200 requests took 2 ms each. */
  private static Reading reading() {
    Histogram latencies = new Histogram(3);
    latencies.recordValueWithCount(2000, 200);
    MirrorTarget target = MirrorTarget.of(URI.create("http://127.0.0.1:1"));
    try (Mirror mirror = Mirror.builder().target(target, Cortex.writes().build()).start()) {
      return new Reading(
          Duration.ofSeconds(7),
          Duration.ofMillis(500),
          latencies,
          1_234_567,
          9,
          mirror.stats().targets().get(0));
    }
  }

  @Test
  void row_withoutTerminal_printsOnlyCompleteRows() {
    Screen screen = screen(Ansi.OFF);
    screen.row(reading(), false);
    assertThat(printed()).isEmpty();

    screen.row(reading(), true);
    assertThat(printed().strip().replaceAll(" +", " "))
        .isEqualTo("7 s 400 2.0 2.0 1,234,567 9 0 0 0 0 up");
  }

  @Test
  void row_onTerminal_updatesInPlace() {
    Screen screen = screen(Ansi.ON);
    screen.row(reading(), false);
    assertThat(printed()).contains("1,234,567").endsWith("\r").doesNotContain("\n");

    screen.row(reading(), true);
    assertThat(printed()).containsOnlyOnce("\n").endsWith("\n");
  }

  @Test
  void headingsAreAlignedWithColumns() {
    Screen screen = screen(Ansi.OFF);
    screen.phase(1, Phase.STEADY);
    screen.row(reading(), true);

    List<String> lines = printed().lines().toList();
    assertThat(lines.get(3).indexOf("primary") + "primary".length())
        .isEqualTo(lines.get(4).indexOf("1,234,567") + "1,234,567".length());
    assertThat(lines.get(3).indexOf("target")).isEqualTo(lines.get(4).indexOf("up"));
  }
}
