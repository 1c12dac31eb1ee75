package io.github.requestmirror;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.CompositeDataSupport;
import javax.management.openmbean.CompositeType;
import javax.management.openmbean.OpenDataException;
import javax.management.openmbean.OpenType;
import javax.management.openmbean.SimpleType;
import javax.management.openmbean.TabularData;
import javax.management.openmbean.TabularDataSupport;
import javax.management.openmbean.TabularType;
import org.jspecify.annotations.Nullable;

/** The statistics of all targets as a table in open types. Immutable. */
final class TargetTable {
  /** Not "name": exporters make a label of it, next to the name of the mirror. */
  private static final String KEY = "target";

  private record Row(MirrorTarget target, MirrorPolicy policy, MirrorStats.Target stats) {}

  private record Column(
      String name, String description, OpenType<?> type, Function<Row, Object> value) {}

  private final List<Column> columns = new ArrayList<>();
  private final CompositeType outcomes;
  private final CompositeType row;
  private final TabularType type;

  TargetTable() throws OpenDataException {
    outcomes = outcomesType();
    column(KEY, "The name of the target", SimpleType.STRING, row -> row.stats.name());
    column("uri", "Its base URI", SimpleType.STRING, row -> row.target.uri().toString());
    column(
        "up", "False while the circuit breaker is open", SimpleType.BOOLEAN, row -> row.stats.up());
    column("fraction", "Fraction that is copied", SimpleType.DOUBLE, row -> row.policy.fraction());
    column("policy", "The policy in use", SimpleType.STRING, row -> row.policy.toString());
    count("offered", "All requests", MirrorStats.Target::offered);
    count("responded", "Copies with a response", MirrorStats.Target::responded);
    count("failed", "Copies without a response", MirrorStats.Target::failed);
    count("dropped", "Requests dropped because of a limit", MirrorStats.Target::dropped);
    count("skipped", "Requests skipped because of policy or body", MirrorStats.Target::skipped);
    column("outcomes", "Requests by outcome", outcomes, row -> outcomes(row.stats));
    count("pending", "Requests without an outcome yet", MirrorStats.Target::pending);
    count("inFlight", "Copies sent, without a response yet", MirrorStats.Target::inFlight);
    column(
        "maxInFlight",
        "The limit of inFlight",
        SimpleType.LONG,
        row -> (long) row.target.maxInFlight());
    count("queued", "Copies that wait to be sent or retried", MirrorStats.Target::queued);
    count("waitingForOrder", "Of these: for the order", MirrorStats.Target::waitingForOrder);
    count("waitingForPlace", "Of these: for a place", MirrorStats.Target::waitingForPlace);
    count("waitingForRetry", "Of these: for a retry", MirrorStats.Target::waitingForRetry);
    count("oldestWaitMillis", "Wait of the oldest", stats -> stats.oldestWait().toMillis());
    count("retries", "Attempts after the first", MirrorStats.Target::retries);
    count("reencoded", "Forms that were encoded again", MirrorStats.Target::reencoded);
    count("bodiesRead", "Bodies read for the order", MirrorStats.Target::bodiesRead);
    count("bodiesUnreadable", "Bodies without keys", MirrorStats.Target::bodiesUnreadable);
    count("bufferedBytes", "Bytes that are held", MirrorStats.Target::bufferedBytes);
    column(
        "lastRejection",
        "Time, status and text of the last rejection; empty without one",
        SimpleType.STRING,
        row -> text(row.stats.lastRejection()));
    column(
        "bufferBytes",
        "The limit of bytes of requests and copies",
        SimpleType.LONG,
        row -> row.target.bufferBytes());
    row =
        new CompositeType(
            "target",
            "The statistics of a target",
            strings(Column::name),
            strings(Column::description),
            columns.stream().map(Column::type).toArray(OpenType<?>[]::new));
    type = new TabularType("targets", "All targets", row, new String[] {KEY});
  }

  private static String text(MirrorStats.@Nullable Rejection rejection) {
    return rejection == null
        ? ""
        : rejection.time() + " " + rejection.status() + " " + rejection.text();
  }

  private static CompositeType outcomesType() throws OpenDataException {
    Outcome[] all = Outcome.values();
    String[] names = new String[all.length];
    String[] descriptions = new String[all.length];
    OpenType<?>[] types = new OpenType<?>[all.length];
    for (int i = 0; i < all.length; i++) {
      names[i] = all[i].name();
      descriptions[i] = all[i].kind().name();
      types[i] = SimpleType.LONG;
    }
    return new CompositeType("outcomes", "Requests by outcome", names, descriptions, types);
  }

  private void column(
      String name, String description, OpenType<?> type, Function<Row, Object> value) {
    columns.add(new Column(name, description, type, value));
  }

  private void count(String name, String description, ToLongFunction<MirrorStats.Target> value) {
    column(name, description, SimpleType.LONG, row -> value.applyAsLong(row.stats));
  }

  private String[] strings(Function<Column, String> part) {
    return columns.stream().map(part).toArray(String[]::new);
  }

  private CompositeData outcomes(MirrorStats.Target stats) {
    Map<String, Object> counts = new LinkedHashMap<>();
    for (Outcome outcome : Outcome.values()) {
      counts.put(outcome.name(), stats.count(outcome));
    }
    try {
      return new CompositeDataSupport(outcomes, counts);
    } catch (OpenDataException e) {
      throw new IllegalStateException(e);
    }
  }

  TabularType type() {
    return type;
  }

  /** Returns a snapshot. */
  TabularData of(Mirror mirror) throws OpenDataException {
    TabularData table = new TabularDataSupport(type);
    MirrorStats stats = mirror.stats();
    for (MirrorTarget target : mirror.targets()) {
      String name = target.name();
      Row source = new Row(target, mirror.policy(name), stats.target(name));
      Map<String, Object> values = new LinkedHashMap<>();
      for (Column column : columns) {
        values.put(column.name, column.value.apply(source));
      }
      table.put(new CompositeDataSupport(row, values));
    }
    return table;
  }
}
