package io.github.requestmirror.micrometer;

import io.github.requestmirror.MirrorStats;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/**
 * The losses of one target by scope: a counter for each of the scopes that lose most, and one for
 * the rest. Each counter only increases, so the losses of a scope before it has its own counter,
 * and after it has lost that, stay with the rest. The number and length of the values are bounded,
 * because clients choose them. Thread-safe.
 */
final class TopScopes {
  private static final String NAME = "http.mirror.scope.losses";
  private static final String OTHER = "other";
  private static final int MAX_LENGTH = 64;

  /** A scope with a smaller part of all losses gets no counter, so that few come and go. */
  private static final int SMALLEST_PART = 100;

  private static final Pattern NOT_PRINTABLE = Pattern.compile("[^\\x20-\\x7e]");

  private static final class Series {
    final FunctionCounter meter;
    final AtomicLong counted;
    long seen;

    Series(FunctionCounter meter, AtomicLong counted, long seen) {
      this.meter = meter;
      this.counted = counted;
      this.seen = seen;
    }
  }

  private final MeterRegistry registry;
  private final Tags tags;
  private final int max;
  private final AtomicLong others = new AtomicLong();

  /** Held by the thread that updates the counters; another one leaves it to that. */
  private final AtomicBoolean updating = new AtomicBoolean();

  private final Map<String, Series> byScope = new HashMap<>();
  private long assigned;

  /**
   * @param tags of all counters
   * @param max the largest number of scopes with a counter
   */
  TopScopes(MeterRegistry registry, Tags tags, int max) {
    this.registry = registry;
    this.tags = tags;
    this.max = max;
    FunctionCounter unused = register(OTHER, others);
  }

  private FunctionCounter register(String label, AtomicLong count) {
    return FunctionCounter.builder(NAME, count, AtomicLong::get)
        .description("Lost requests of the scopes that lose most")
        .tags(tags)
        .tags(List.of(Tag.of("scope", label)))
        .register(registry);
  }

  void update(MirrorStats.Target stats) {
    if (!updating.compareAndSet(false, true)) {
      return;
    }
    try {
      long total = stats.lossesOfOtherScopes();
      Map<String, Long> losses = new HashMap<>();
      for (MirrorStats.ScopeLosses loss : stats.lossesByScope()) {
        losses.put(loss.scope(), loss.count());
        total += loss.count();
      }
      byScope.forEach((scope, series) -> add(series, losses.getOrDefault(scope, 0L)));
      replace(stats.lossesByScope(), total);
      others.accumulateAndGet(total - assigned, Math::max);
    } finally {
      updating.set(false);
    }
  }

  private void add(Series series, long now) {
    // The mirror counts a scope from zero again if it had no place in the mirror's table meanwhile.
    long added = now < series.seen ? now : now - series.seen;
    series.seen = now;
    series.counted.addAndGet(added);
    assigned += added;
  }

  private void replace(List<MirrorStats.ScopeLosses> losses, long total) {
    List<MirrorStats.ScopeLosses> top =
        losses.stream().limit(max).filter(loss -> loss.count() >= total / SMALLEST_PART).toList();
    Set<String> scopes = new HashSet<>();
    top.forEach(loss -> scopes.add(loss.scope()));
    Set<String> missing = new HashSet<>(scopes);
    missing.removeAll(byScope.keySet());
    int tooMany = byScope.size() + missing.size() - max;
    Iterator<Map.Entry<String, Series>> present = byScope.entrySet().iterator();
    while (tooMany > 0 && present.hasNext()) {
      Map.Entry<String, Series> entry = present.next();
      if (!scopes.contains(entry.getKey())) {
        registry.remove(entry.getValue().meter);
        present.remove();
        tooMany--;
      }
    }
    for (MirrorStats.ScopeLosses loss : top) {
      if (byScope.size() < max && !byScope.containsKey(loss.scope())) {
        publish(loss);
      }
    }
  }

  private void publish(MirrorStats.ScopeLosses loss) {
    String printable = NOT_PRINTABLE.matcher(loss.scope()).replaceAll("?");
    String label =
        printable.length() <= MAX_LENGTH ? printable : printable.substring(0, MAX_LENGTH);
    boolean isTaken =
        label.equals(OTHER)
            || byScope.values().stream()
                .anyMatch(series -> label.equals(series.meter.getId().getTag("scope")));
    if (!isTaken) {
      AtomicLong counted = new AtomicLong();
      byScope.put(loss.scope(), new Series(register(label, counted), counted, loss.count()));
    }
  }
}
