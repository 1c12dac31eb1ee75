package io.github.requestmirror.benchmarks.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.statistics.descriptive.Median;

/**
 * The median of the medians of the forks, and the range of all values.
 *
 * @param n the number of values
 */
public record Spread(double median, double least, double most, int n) {
  private static final Spread NONE = new Spread(Double.NaN, Double.NaN, Double.NaN, 0);

  /** Collects values by fork. */
  public static final class Collector {
    private final Map<Integer, List<Double>> byFork = new TreeMap<>();

    /** Adds a value, which may be infinite but not NaN. */
    public Collector add(int fork, double value) {
      if (!Double.isNaN(value)) {
        byFork.computeIfAbsent(fork, key -> new ArrayList<>()).add(value);
      }
      return this;
    }

    public Spread spread() {
      if (byFork.isEmpty()) {
        return NONE;
      }
      double[] medians = byFork.values().stream().mapToDouble(Spread::medianOf).toArray();
      double[] all =
          byFork.values().stream()
              .flatMap(List::stream)
              .mapToDouble(Double::doubleValue)
              .sorted()
              .toArray();
      return new Spread(
          Median.withDefaults().evaluate(medians), all[0], all[all.length - 1], all.length);
    }
  }

  private static double medianOf(List<Double> values) {
    return Median.withDefaults()
        .evaluate(values.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /** Returns the median and the range, or nothing if there are no values. */
  public String text(int digits) {
    if (n == 0) {
      return "";
    }
    String format = "%." + digits + "f [%." + digits + "f-%." + digits + "f]";
    return String.format(Locale.ROOT, format, median, least, most);
  }
}
