package io.github.requestmirror.benchmarks.gateway;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.apache.commons.statistics.descriptive.Median;

/** The samples of a scenario as a Markdown table. Differences and ratios are paired by round. */
final class Report {
  private final String title;
  private final List<Sample> samples = new ArrayList<>();

  Report(String title) {
    this.title = title;
  }

  void add(Sample sample) {
    samples.add(sample);
  }

  /** Returns the table. Each variant is compared with the one that has no mirror. */
  String table() {
    StringBuilder text = new StringBuilder("### " + title + "\n\n");
    text.append("| variant | n | req/s | p50 us | p99 us | CPU us/request | added by the mirror |");
    text.append(" allocated B/request | delivered | drained ms |\n");
    text.append("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
    Set<Variant> variants = EnumSet.noneOf(Variant.class);
    samples.forEach(sample -> variants.add(sample.variant()));
    variants.forEach(variant -> text.append(row(variant)));
    text.append("\n");
    for (Variant other : variants) {
      if (other.hasMirror() && other != Variant.JETTY_WITH_MIRROR) {
        text.append(comparison(other));
      }
    }
    return text.append("\n").toString();
  }

  private String row(Variant variant) {
    String copies =
        variant.hasMirror()
            ? String.format(
                Locale.ROOT,
                "%s | %.0f | %.1f %% (least %.1f) | %.0f",
                range(added(variant)),
                median(variant, Sample::allocated),
                100 * median(variant, Sample::delivered),
                100 * of(variant).stream().mapToDouble(Sample::delivered).min().orElse(0),
                median(variant, Sample::drainMillis))
            : String.format(Locale.ROOT, " | %.0f | | ", median(variant, Sample::allocated));
    return String.format(
        Locale.ROOT,
        "| %s | %d | %.0f | %.0f | %.0f | %s | %s |%n",
        variant.label(),
        of(variant).size(),
        median(variant, Sample::requestsPerSecond),
        median(variant, Sample::p50),
        median(variant, Sample::p99),
        range(values(variant, Sample::cpu)),
        copies);
  }

  private String comparison(Variant other) {
    double[] ours = added(Variant.JETTY_WITH_MIRROR);
    double[] theirs = added(other);
    double[] ratios = new double[ours.length];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = ours[i] / theirs[i];
    }
    return String.format(
        Locale.ROOT,
        "Added by %s / added by %s: medians %.2f, paired %s%n",
        Variant.JETTY_WITH_MIRROR.label(),
        other.label(),
        Median.withDefaults().evaluate(ours) / Median.withDefaults().evaluate(theirs),
        range(ratios));
  }

  private double[] added(Variant variant) {
    double[] with = values(variant, Sample::cpu);
    double[] without = values(variant.withoutMirror(), Sample::cpu);
    for (int i = 0; i < with.length; i++) {
      with[i] -= without[i];
    }
    return with;
  }

  private List<Sample> of(Variant variant) {
    return samples.stream()
        .filter(sample -> sample.variant() == variant)
        .sorted(Comparator.comparingInt(Sample::round))
        .toList();
  }

  private double[] values(Variant variant, ToDoubleFunction<Sample> value) {
    return of(variant).stream().mapToDouble(value).toArray();
  }

  private double median(Variant variant, ToDoubleFunction<Sample> value) {
    return Median.withDefaults().evaluate(values(variant, value));
  }

  private static String range(double[] values) {
    double least = Double.MAX_VALUE;
    double most = -Double.MAX_VALUE;
    for (double value : values) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    return String.format(
        Locale.ROOT, "%.2f [%.2f-%.2f]", Median.withDefaults().evaluate(values), least, most);
  }
}
