package io.github.requestmirror.examples.demo;

import io.github.requestmirror.MirrorStats;
import java.io.PrintStream;
import java.util.Locale;
import picocli.CommandLine.Help.Ansi;

/**
 * Prints the demo. On a terminal the row of the current second changes in place; elsewhere each row
 * appears once, when it is complete.
 */
final class Screen {
  private static final String ROW = "%5s  %5s %7s %7s %11s %11s %10s %7s %8s %8s  %s";

  private static final String CLEAR_TO_END = "\033[K";

  private final PrintStream out;
  private final Ansi ansi;

  Screen(PrintStream out) {
    this(out, Ansi.AUTO);
  }

  Screen(PrintStream out, Ansi ansi) {
    this.out = out;
    this.ansi = ansi;
  }

  boolean isLive() {
    return ansi.enabled();
  }

  void line(String text) {
    out.println(text);
    out.flush();
  }

  void bold(String text) {
    line(ansi.string("@|bold " + text + "|@"));
  }

  void phase(int number, Phase phase) {
    line("");
    bold(number + ". " + phase.text());
    line(row("", "", "", "", "samples at", "samples at", "", "", "", "", ""));
    line(
        row(
            "time",
            "req/s",
            "p50 ms",
            "p99 ms",
            "primary",
            "secondary",
            "responded",
            "failed",
            "dropped",
            "kB held",
            "target"));
  }

  /** Prints a row; an incomplete one only on a terminal. */
  void row(Reading reading, boolean complete) {
    if (!complete && !isLive()) {
      return;
    }
    MirrorStats.Target mirror = reading.mirror();
    String row =
        row(
            reading.at().toSeconds() + " s",
            reading.requestsPerSecond(),
            format("%.1f", reading.latency(50)),
            format("%.1f", reading.latency(99)),
            format("%,d", reading.atPrimary()),
            format("%,d", reading.atSecondary()),
            format("%,d", mirror.responded()),
            format("%,d", mirror.failed()),
            format("%,d", mirror.dropped()),
            format("%,d", mirror.bufferedBytes() / 1000),
            ansi.string(mirror.up() ? "@|green up|@" : "@|red DOWN|@"));
    if (isLive()) {
      row += CLEAR_TO_END;
    }
    // The cursor returns to the start, so that the next row or a log line overwrites this one.
    out.print(complete ? row + System.lineSeparator() : row + "\r");
    out.flush();
  }

  private static String row(Object... cells) {
    return format(ROW, cells).stripTrailing();
  }

  static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
