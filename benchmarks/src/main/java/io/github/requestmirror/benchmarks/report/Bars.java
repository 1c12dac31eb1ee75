package io.github.requestmirror.benchmarks.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The limits that this project has set itself, beside what a run has measured. */
public final class Bars {
  /**
   * One limit.
   *
   * @param measured NaN if the run has not measured it
   * @param atMost whether the limit is an upper one
   */
  public record Bar(
      String figure, double measured, double limit, double stretch, boolean atMost, String unit) {
    /** Returns whether the limit holds; false if it was not measured. */
    public boolean isReached() {
      return isWithin(limit);
    }

    private boolean isWithin(double value) {
      return atMost ? measured <= value : measured >= value;
    }

    private String verdict() {
      if (Double.isNaN(measured)) {
        return "not measured";
      }
      String stretched = Double.isNaN(stretch) || !isWithin(stretch) ? "yes" : "yes, and stretch";
      return isReached() ? stretched : "**no**";
    }
  }

  private final List<Bar> bars = new ArrayList<>();

  /** Adds a figure that must not be larger than the limit. */
  public Bars atMost(String figure, double measured, double limit, double stretch, String unit) {
    bars.add(new Bar(figure, measured, limit, stretch, true, unit));
    return this;
  }

  /** Adds a figure that must not be smaller than the limit. */
  public Bars atLeast(String figure, double measured, double limit, double stretch, String unit) {
    bars.add(new Bar(figure, measured, limit, stretch, false, unit));
    return this;
  }

  public List<Bar> all() {
    return List.copyOf(bars);
  }

  /** Returns the table, with a title. */
  public String markdown() {
    if (bars.isEmpty()) {
      return "";
    }
    MarkdownTable table = new MarkdownTable("figure", "measured", "bar", "stretch", "reached");
    for (Bar bar : bars) {
      String sign = bar.atMost() ? "at most " : "at least ";
      table.row(
          bar.figure(),
          number(bar.measured(), bar.unit()),
          sign + number(bar.limit(), bar.unit()),
          number(bar.stretch(), bar.unit()),
          bar.verdict());
    }
    return "## Bars\n\n" + table;
  }

  private static String number(double value, String unit) {
    if (Double.isNaN(value)) {
      return "";
    }
    String digits = Math.abs(value) >= 100 ? "%.0f" : "%.2f";
    return String.format(Locale.ROOT, digits, value) + (unit.isEmpty() ? "" : " " + unit);
  }
}
