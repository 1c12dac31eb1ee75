package io.github.requestmirror.micrometer;

import io.github.requestmirror.MirrorStats;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/**
 * The losses of one target by scope: a counter for each of the scopes that lose most, and one for
 * the rest. Each counter only increases, so the losses of a scope before it has its own counter,
 * and after it has lost that, stay with the rest. The number and length of the labels are bounded,
 * because clients choose them. Thread-safe.
 */
final class TopScopes {
  private static final String OTHER = "other";
  private static final int MAX_LENGTH = 64;

  /** A scope with a smaller part of all losses gets no counter, so that few come and go. */
  private static final int SMALLEST_PART = 100;

  /** The Cortex preset has a line break in front of the tenant for all but samples. */
  private static final Pattern CONTROLS_AT_START = Pattern.compile("^\\p{Cntrl}+");

  private static final Pattern NOT_PRINTABLE = Pattern.compile("[^\\x20-\\x7e]");

  private record Series(FunctionCounter meter, AtomicLong counted) {}

  private final MeterRegistry registry;
  private final Tags tags;
  private final int max;
  private final Series others;

  /** Held by the thread that updates the counters; another one leaves it to that. */
  private final AtomicBoolean updating = new AtomicBoolean();

  private final Map<String, Series> byLabel = new HashMap<>();

  /** The losses that have been assigned to a label. */
  private long assigned;

  /** The losses of each scope at the last update. */
  private Map<String, Long> seen = Map.of();

  /**
   * @param tags of all counters
   * @param max the largest number of scopes with a counter
   */
  TopScopes(MeterRegistry registry, Tags tags, int max) {
    this.registry = registry;
    this.tags = tags;
    this.max = max;
    this.others = register(OTHER);
  }

  private Series register(String label) {
    AtomicLong counted = new AtomicLong();
    FunctionCounter meter =
        FunctionCounter.builder("http.mirror.scope.losses", counted, AtomicLong::get)
            .description("Lost requests of the scopes that lose most")
            .tags(tags)
            .tag("scope", label)
            .register(registry);
    return new Series(meter, counted);
  }

  void update(MirrorStats.Target stats) {
    if (!updating.compareAndSet(false, true)) {
      return;
    }
    try {
      long total = stats.lossesOfOtherScopes();
      Map<String, Long> now = new HashMap<>();
      Map<String, Long> labels = new LinkedHashMap<>();
      for (MirrorStats.ScopeLosses loss : stats.lossesByScope()) {
        String label = label(loss.scope());
        count(label, loss);
        now.put(loss.scope(), loss.count());
        labels.merge(label, loss.count(), Long::sum);
        total += loss.count();
      }
      seen = now;
      choose(labels, total);
      others.counted.accumulateAndGet(total - assigned, Math::max);
    } finally {
      updating.set(false);
    }
  }

  private static String label(String scope) {
    String tenant = CONTROLS_AT_START.matcher(scope).replaceFirst("");
    String printable = NOT_PRINTABLE.matcher(tenant).replaceAll("?");
    String label =
        printable.length() <= MAX_LENGTH ? printable : printable.substring(0, MAX_LENGTH);
    return label.isEmpty() ? OTHER : label;
  }

  private void count(String label, MirrorStats.ScopeLosses loss) {
    Series series = byLabel.get(label);
    Long before = seen.get(loss.scope());
    if (series != null && before != null) {
      // The mirror counts from zero again if the scope had no place in its table meanwhile.
      long added = loss.count() < before ? loss.count() : loss.count() - before;
      series.counted.addAndGet(added);
      assigned += added;
    }
  }

  /** Gives a counter to the scopes that lose most, and takes one from others if necessary. */
  private void choose(Map<String, Long> labels, long total) {
    List<String> top =
        labels.entrySet().stream()
            .filter(label -> !label.getKey().equals(OTHER))
            .filter(label -> label.getValue() >= total / SMALLEST_PART)
            .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
            .limit(max)
            .map(Map.Entry::getKey)
            .toList();
    List<String> missing = top.stream().filter(label -> !byLabel.containsKey(label)).toList();
    int tooMany = byLabel.size() + missing.size() - max;
    Iterator<Map.Entry<String, Series>> present = byLabel.entrySet().iterator();
    while (tooMany > 0 && present.hasNext()) {
      Map.Entry<String, Series> entry = present.next();
      if (!top.contains(entry.getKey())) {
        registry.remove(entry.getValue().meter);
        present.remove();
        tooMany--;
      }
    }
    missing.forEach(label -> byLabel.put(label, register(label)));
  }
}
